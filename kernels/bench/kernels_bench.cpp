// Checks and times the kernels on the CPU and, where one answers, on a GPU. A table goes to stderr,
// with --json a list of results to stdout. See bench.sh.
#include "check.h"

namespace udc::kernels::bench {
namespace {

struct Result {
  std::string kernel;
  std::string device;
  int64_t weights;
  int64_t tensors;
  double ns_per_weight;
  double copy_ns_per_weight;
};

// A stem and three stages of 13 convolutions of 3 x 3, with 64, 128 and 256 channels.
std::vector<Shape> cifar_network() {
  std::vector<Shape> shapes = {{64, 27}};
  for (const int64_t width : {64, 128, 256}) {
    for (int i = 0; i < 13; i++) shapes.push_back({width, width * 9});
  }
  return shapes;
}

void report(const Result& result) {
  std::fprintf(stderr,
               "%-20s %-24s %10lld weights in %2lld tensors %9.4f ns/weight  %5.2f copies\n",
               result.kernel.c_str(), result.device.c_str(), static_cast<long long>(result.weights),
               static_cast<long long>(result.tensors), result.ns_per_weight,
               result.ns_per_weight / result.copy_ns_per_weight);
}

void measure(Device* device, const std::vector<Shape>& shapes, std::vector<Result>* results) {
  // Sets of inputs that together are larger than any cache, but no more than needed.
  int64_t weights = 0;
  for (const Shape& shape : shapes) weights += shape.channels * shape.per_channel;
  const int64_t cache = device->is_cuda() ? int64_t{256} << 20 : int64_t{64} << 20;
  const int sets = static_cast<int>(std::clamp<int64_t>(cache / (weights * 8), 1, 32));
  std::vector<std::unique_ptr<Network>> networks;
  for (int i = 0; i < sets; i++) {
    networks.push_back(std::make_unique<Network>(device, shapes, 7 + i, false));
  }
  const int64_t count = static_cast<int64_t>(shapes.size());
  udc_kernels_error error = {};
  const double copy = device->seconds_per_call(sets, [&](int set) {
    const Network& n = *networks[set];
    for (const udc_mix_layer& layer : n.mix) {
      const int64_t bytes = layer.channels * layer.per_channel * 4;
      device->copy(layer.mixed, layer.weights, bytes);
    }
  });
  const double to_ns = 1e9 / static_cast<double>(weights);
  const auto time = [&](const char* kernel,
                        const std::function<udc_kernels_status(Network&)>& run) {
    const double seconds =
        device->seconds_per_call(sets, [&](int set) { require_ok(run(*networks[set]), error); });
    results->push_back({kernel, device->name(), weights, count, seconds * to_ns, copy * to_ns});
    report(results->back());
  };
  results->push_back({"copy", device->name(), weights, count, copy * to_ns, copy * to_ns});
  report(results->back());
  time("thresholds", [&](Network& n) {
    return udc_kernels_thresholds(n.thresholds.data(), count, 5, &n.execution, &error);
  });
  time("mix_forward", [&](Network& n) {
    return udc_kernels_mix_forward(n.mix.data(), count, &kSearchOptions.mix, &n.execution, &error);
  });
  time("mix_backward", [&](Network& n) {
    return udc_kernels_mix_backward(n.mix.data(), count, &kSearchOptions.mix, &n.execution, &error);
  });
  time("quantize_forward", [&](Network& n) {
    return udc_kernels_quantize_forward(n.quantize.data(), count, &n.execution, &error);
  });
  time("quantize_backward", [&](Network& n) {
    return udc_kernels_quantize_backward(n.quantize.data(), count, &n.execution, &error);
  });
  time("activation_forward", [&](Network& n) {
    return udc_kernels_activation_forward(n.activations.data(), count, &n.execution, &error);
  });
  time("activation_backward", [&](Network& n) {
    return udc_kernels_activation_backward(n.activations.data(), count, &n.execution, &error);
  });
  time("normalize_channels", [&](Network& n) {
    return udc_kernels_normalize_channels(n.normalize.data(), count, &n.execution, &error);
  });
}

void measure_all(Device* device, int64_t most, std::vector<Result>* results) {
  int64_t network_weights = 0;
  for (const Shape& shape : cifar_network()) network_weights += shape.channels * shape.per_channel;
  const std::vector<std::vector<Shape>> cases = {{{128, 512}},    {{512, 2048}},
                                                 {{4096, 4096}},  {{16384, 4096}},
                                                 cifar_network(), {{network_weights / 2304, 2304}}};
  for (const auto& shapes : cases) {
    if (shapes.size() > 1 || shapes[0].channels * shapes[0].per_channel <= most) {
      measure(device, shapes, results);
    }
  }
}

void print_json(const std::vector<Result>& results) {
  std::printf("[");
  for (size_t i = 0; i < results.size(); i++) {
    const Result& r = results[i];
    std::printf(
        "%s\n  {\"kernel\": \"%s\", \"device\": \"%s\", \"weights\": %lld, \"tensors\": %lld, "
        "\"nsPerWeight\": %.6f, \"copyNsPerWeight\": %.6f}",
        i == 0 ? "" : ",", r.kernel.c_str(), r.device.c_str(), static_cast<long long>(r.weights),
        static_cast<long long>(r.tensors), r.ns_per_weight, r.copy_ns_per_weight);
  }
  std::printf("\n]\n");
}

struct Arguments {
  bool json = false;
  bool check_only = false;
  int64_t most = int64_t{1} << 40;
  const char* library = nullptr;
  std::string device;  // the one to use; empty for the CPU, and a GPU where one answers
};

Arguments parse(int argc, char** argv) {
  Arguments result;
  for (int i = 1; i < argc; i++) {
    const std::string argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--json") {
      result.json = true;
    } else if (argument == "--check") {
      result.check_only = true;
    } else if (argument == "--most" && has_value) {
      result.most = std::atoll(argv[++i]);
    } else if (argument == "--cuda-library" && has_value) {
      result.library = argv[++i];
    } else if (argument == "--device" && has_value) {
      result.device = argv[++i];
      if (result.device != "cpu" && result.device != "cuda") {
        stop("--device: found '" + result.device + "', expected cpu or cuda");
      }
    } else {
      stop(
          "usage: kernels_bench [--json] [--check] [--most WEIGHTS] [--device cpu|cuda] "
          "[--cuda-library FILE]");
    }
  }
  return result;
}

void run_on(Device* device, const Arguments& arguments, std::vector<Result>* results) {
  check_device(device);
  if (!arguments.check_only) measure_all(device, arguments.most, results);
}

// Why nothing ran on a GPU; empty if it did.
std::string run_on_gpu(const Arguments& arguments, std::vector<Result>* results) {
#ifdef UDC_BENCH_CUDA
  udc_kernels_cuda* cuda = nullptr;
  udc_kernels_error error = {};
  if (udc_kernels_cuda_open(arguments.library, &cuda, &error) != UDC_KERNELS_OK) {
    return error.message;
  }
  Cuda gpu(cuda);
  run_on(&gpu, arguments, results);
  udc_kernels_cuda_close(cuda);
  return "";
#else
  (void)arguments;
  (void)results;
  return "built without CUDA, as nvcc was not found";
#endif
}

}  // namespace

int run(int argc, char** argv) {
  const Arguments arguments = parse(argc, argv);
  std::vector<Result> results;
  if (arguments.device != "cuda") {
    Cpu cpu;
    run_on(&cpu, arguments, &results);
  }
  if (arguments.device != "cpu") {
    const std::string reason = run_on_gpu(arguments, &results);
    if (!reason.empty()) {
      // Asked for, a GPU that is not checked must not look like one that is right.
      if (arguments.device == "cuda") stop("--device cuda: " + reason);
      std::fprintf(stderr, "no GPU: %s\n", reason.c_str());
    }
  }
  if (arguments.json) print_json(results);
  return 0;
}

}  // namespace udc::kernels::bench

int main(int argc, char** argv) { return udc::kernels::bench::run(argc, argv); }
