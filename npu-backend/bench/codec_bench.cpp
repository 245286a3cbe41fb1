// Speed and size of the weight-stream codec on one thread.
//
// usage: codec_bench [--json] [--count N] [VECTORS]
//
// Made-up weights of the kinds that quantized and pruned networks have, each coded at both efforts.
// VECTORS is the folder of the reference vectors' weight streams; where it is given, every vector's
// size stands beside its entropy and Vela's size. Processor time counts, the best of several runs;
// every stream is decoded and compared, so that a wrong codec has no speed.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "udc/npu/weight_stream.h"

#if __has_include(<nlohmann/json.hpp>)
#include <nlohmann/json.hpp>
#endif

namespace {

using Weights = std::vector<int16_t>;

struct Case {
  std::string name;
  Weights weights;
  double velaEncode = 0;  // million weights per second, measured with these kinds of weights
  double velaDecode = 0;
  uint64_t velaBytes = 0;  // 0: unknown
};

struct Result {
  uint64_t fastBytes = 0;
  uint64_t bestBytes = 0;
  double entropy = 0;
  double fast = 0;  // million weights per second
  double best = 0;
  double size = 0;
  double decode = 0;
};

[[noreturn]] void die(const std::string& message) {
  std::fprintf(stderr, "codec_bench: %s\n", message.c_str());
  std::exit(1);
}

double processorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Million weights per second of the fastest of several runs of at least a few milliseconds each.
double speed(size_t weights, const std::function<void()>& body) {
  constexpr double kShortest = 0.02;
  constexpr int kRuns = 5;
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    int repeats = 0;
    const double start = processorSeconds();
    double elapsed = 0;
    do {
      body();
      ++repeats;
      elapsed = processorSeconds() - start;
    } while (elapsed < kShortest);
    best = std::max(best, static_cast<double>(weights) * repeats / elapsed / 1e6);
  }
  return best;
}

void check(udc_npu_status status, const udc_npu_error& error) {
  if (status != UDC_NPU_OK) {
    die(error.message);
  }
}

Result measure(const Weights& weights) {
  Result result;
  udc_npu_error error{};
  const uint64_t n = weights.size();
  std::vector<uint8_t> stream(udc_npu_encoded_size_bound(n));
  Weights decoded(n);
  uint64_t bytes = 0;
  uint64_t count = 0;
  const auto encode = [&](udc_npu_effort effort) {
    check(udc_npu_encode_weights(weights.data(), n, effort, stream.data(), stream.size(), &bytes,
                                 &error),
          error);
  };
  const auto decode = [&] {
    check(udc_npu_decode_weights(stream.data(), bytes, decoded.data(), n, &count, &error), error);
  };
  const auto compare = [&] {
    decode();
    if (count != n || decoded != weights) {
      die("a stream does not decode to its weights");
    }
  };
  check(udc_npu_weight_entropy(weights.data(), n, &result.entropy, &error), error);
  result.fast = speed(n, [&] { encode(UDC_NPU_EFFORT_FAST); });
  result.fastBytes = bytes;
  compare();
  result.decode = speed(n, decode);
  uint64_t sized = 0;
  result.size = speed(n, [&] {
    check(udc_npu_encoded_size(weights.data(), n, UDC_NPU_EFFORT_FAST, &sized, &error), error);
  });
  if (sized != result.fastBytes) {
    die("the size differs from the stream's");
  }
  result.best = speed(n, [&] { encode(UDC_NPU_EFFORT_BEST); });
  result.bestBytes = bytes;
  compare();
  return result;
}

std::vector<Case> madeUpCases(size_t n) {
  std::mt19937 random(20240601);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto fill = [&](const std::function<double()>& draw, int limit) {
    Weights weights(n);
    for (int16_t& weight : weights) {
      weight = static_cast<int16_t>(std::clamp<long>(std::lround(draw()), -limit, limit));
    }
    return weights;
  };
  const auto gaussian = [&](double sigma, int limit) {
    return fill([&] { return sigma * normal(random); }, limit);
  };
  // Magnitude pruning: the smallest weights become zero.
  const auto pruned = [&](double zeros) {
    Weights weights = gaussian(30, 127);
    std::vector<int> magnitudes(n);
    std::transform(weights.begin(), weights.end(), magnitudes.begin(),
                   [](int weight) { return std::abs(weight); });
    const auto limit = magnitudes.begin() + static_cast<long>(zeros * static_cast<double>(n));
    std::nth_element(magnitudes.begin(), limit, magnitudes.end());
    for (int16_t& weight : weights) {
      weight = std::abs(weight) < *limit ? int16_t{0} : weight;
    }
    return weights;
  };
  std::vector<Case> cases;
  cases.push_back({"dense 8-bit, sigma 45", gaussian(45, 127), 5, 45});
  cases.push_back({"dense 8-bit, sigma 12", gaussian(12, 127)});
  cases.push_back({"4-bit", gaussian(2.6, 7), 5.7, 50});
  cases.push_back({"3-bit", gaussian(1.1, 3), 7.8, 61});
  cases.push_back({"ternary", gaussian(0.8, 1), 5.8, 76});
  cases.push_back(
      {"binary", fill([&] { return uniform(random) < 0.5 ? -1.0 : 1.0; }, 1), 6.4, 150});
  cases.push_back({"50% sparse", pruned(0.50)});
  cases.push_back({"80% sparse", pruned(0.80), 10, 92});
  cases.push_back({"95% sparse", pruned(0.95), 4.5, 185});
  cases.push_back({"99% sparse", pruned(0.99), 1, 377});
  return cases;
}

#if __has_include(<nlohmann/json.hpp>)
std::vector<uint8_t> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    die("cannot read " + path);
  }
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

// The vectors' weights are taken from Vela's streams, so that reordered ones need no layer.
std::vector<Case> vectorCases(const std::string& folder) {
  std::ifstream file(folder + "/index.json");
  if (!file) {
    die("cannot read " + folder + "/index.json");
  }
  std::vector<Case> cases;
  const nlohmann::json index = nlohmann::json::parse(file);
  for (const auto& entry : index["cases"]) {
    const std::vector<uint8_t> stream = readFile(folder + "/" + std::string(entry["mlw_file"]));
    Case c;
    c.name = entry["name"];
    c.velaBytes = stream.size();
    c.weights.resize(entry["decoded_count"].get<size_t>());
    uint64_t count = 0;
    udc_npu_error error{};
    check(udc_npu_decode_weights(stream.data(), stream.size(), c.weights.data(), c.weights.size(),
                                 &count, &error),
          error);
    cases.push_back(std::move(c));
  }
  return cases;
}
#else
std::vector<Case> vectorCases(const std::string& folder) {
  die("built without nlohmann/json, which reading " + folder + " needs");
}
#endif

void printTable(const std::vector<Case>& cases, const std::vector<Result>& results) {
  std::printf("%-26s %9s | %8s %8s %8s %8s | %8s %8s %8s %8s | %7s %7s\n", "", "weights", "fast",
              "best", "size", "decode", "entropy", "fast", "best", "Vela", "best/", "Vela");
  std::printf("%-26s %9s | %35s | %35s | %7s %7s\n", "", "", "million weights per second",
              "bits per weight", "Vela", "enc/dec");
  double ratios = 0;
  int counted = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const Result& r = results[i];
    const double n = static_cast<double>(c.weights.size());
    std::printf("%-26s %9zu | %8.1f %8.1f %8.1f %8.1f | %8.3f %8.3f %8.3f ", c.name.c_str(),
                c.weights.size(), r.fast, r.best, r.size, r.decode, r.entropy,
                8 * static_cast<double>(r.fastBytes) / n, 8 * static_cast<double>(r.bestBytes) / n);
    if (c.velaBytes != 0) {
      const double vela = static_cast<double>(c.velaBytes);
      const double ratio = static_cast<double>(r.bestBytes) / vela;
      std::printf("%8.3f | %7.4f", 8 * vela / n, ratio);
      if (c.velaBytes >= 256) {
        ratios += ratio;
        ++counted;
      }
    } else {
      std::printf("%8s | %7s", "-", "-");
    }
    if (c.velaEncode != 0) {
      std::printf(" %g/%g", c.velaEncode, c.velaDecode);
    }
    std::printf("\n");
  }
  if (counted != 0) {
    std::printf("mean of best/Vela over %d streams of 256 bytes and more: %.4f\n", counted,
                ratios / counted);
  }
}

void printJson(const std::vector<Case>& cases, const std::vector<Result>& results) {
  std::printf("[\n");
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const Result& r = results[i];
    std::printf(
        "  {\"name\": \"%s\", \"weights\": %zu, \"entropyBitsPerWeight\": %.4f, "
        "\"fastBytes\": %llu, \"bestBytes\": %llu, \"velaBytes\": %llu, "
        "\"millionWeightsPerSecond\": {\"fast\": %.2f, \"best\": %.2f, \"size\": %.2f, "
        "\"decode\": %.2f}}%s\n",
        c.name.c_str(), c.weights.size(), r.entropy, static_cast<unsigned long long>(r.fastBytes),
        static_cast<unsigned long long>(r.bestBytes), static_cast<unsigned long long>(c.velaBytes),
        r.fast, r.best, r.size, r.decode, i + 1 < cases.size() ? "," : "");
  }
  std::printf("]\n");
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false;
  size_t count = 1000000;
  std::string folder;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (std::strcmp(argv[i], "--count") == 0 && i + 1 < argc) {
      count = std::strtoull(argv[++i], nullptr, 10);
    } else if (argv[i][0] != '-') {
      folder = argv[i];
    } else {
      die("usage: codec_bench [--json] [--count N] [VECTORS]");
    }
  }
  if (count == 0) {
    die("--count takes a number of weights, at least 1");
  }
  std::vector<Case> cases = madeUpCases(count);
  if (!folder.empty()) {
    std::vector<Case> more = vectorCases(folder);
    std::move(more.begin(), more.end(), std::back_inserter(cases));
  }
  std::vector<Result> results;
  for (const Case& c : cases) {
    results.push_back(measure(c.weights));
  }
  json ? printJson(cases, results) : printTable(cases, results);
  return 0;
}
