// Weights of every distribution that matters to the stream's coding, from a seed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "udc/npu/weight_stream.h"

namespace udc::npu::test {

using Weights = std::vector<int16_t>;
using Bytes = std::vector<uint8_t>;

inline int16_t clamped(double value, int limit = 127) {
  return static_cast<int16_t>(std::clamp<long>(std::lround(value), -limit, limit));
}

// Kinds of distributions; random() draws one of them with random parameters.
class WeightSampler {
 public:
  explicit WeightSampler(uint64_t seed) : random_(seed) {}

  size_t below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  double gaussian(double sigma) { return std::normal_distribution<double>(0, sigma)(random_); }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

  Weights dense(size_t n, double sigma) {
    return fill(n, [&] { return clamped(gaussian(sigma)); });
  }
  Weights sparse(size_t n, double sigma, double zeros) {
    return fill(n, [&] { return chance(zeros) ? int16_t{0} : clamped(gaussian(sigma)); });
  }
  Weights uniform(size_t n, int low, int high) {
    return fill(n, [&] {
      return static_cast<int16_t>(low +
                                  static_cast<int>(below(static_cast<size_t>(high - low + 1))));
    });
  }
  Weights palette(size_t n, size_t values) {
    const Weights choice = uniform(values, -255, 255);
    return fill(n, [&] { return choice[std::min(below(values), below(values))]; });
  }
  Weights asymmetric(size_t n) {
    return fill(n, [&] { return static_cast<int16_t>(clamped(gaussian(40)) + 91); });
  }
  Weights longRuns(size_t n) {
    Weights weights(n, 0);
    for (size_t i = 0; i < n / 5000 + 1; ++i) {
      weights[below(n)] = static_cast<int16_t>(static_cast<int>(below(511)) - 255);
    }
    return weights;
  }
  Weights piecewise(size_t n) {
    Weights weights;
    while (weights.size() < n) {
      const Weights piece = random(1 + below(n / 3 + 1), 8);
      weights.insert(weights.end(), piece.begin(), piece.end());
    }
    weights.resize(n);
    return weights;
  }

  // One of the first `kinds` of nine distributions.
  Weights random(size_t n, size_t kinds = 9) {
    switch (below(kinds)) {
      case 0:
        return dense(n, 1 + static_cast<double>(below(60)));
      case 1:
        return sparse(n, 20, 0.3 + 0.1 * static_cast<double>(below(8)));
      case 2:
        return uniform(n, -255, 255);
      case 3:
        return palette(n, 1 + below(40));
      case 4:
        return asymmetric(n);
      case 5:
        return longRuns(n);
      case 6:
        return uniform(n, -static_cast<int>(below(8)), static_cast<int>(below(8)));
      case 7:
        return Weights(n, static_cast<int16_t>(static_cast<int>(below(511)) - 255));
      default:
        return piecewise(n);
    }
  }

  std::mt19937_64& engine() { return random_; }

 private:
  template <typename Draw>
  Weights fill(size_t n, Draw draw) {
    Weights weights(n);
    std::generate(weights.begin(), weights.end(), draw);
    return weights;
  }

  std::mt19937_64 random_;
};

inline Bytes encode(const Weights& weights, udc_npu_effort effort) {
  Bytes bytes(udc_npu_encoded_size_bound(weights.size()));
  uint64_t size = 0;
  if (udc_npu_encode_weights(weights.data(), weights.size(), effort, bytes.data(), bytes.size(),
                             &size, nullptr) != UDC_NPU_OK) {
    return {};
  }
  bytes.resize(size);
  return bytes;
}

struct Decoded {
  udc_npu_status status = UDC_NPU_OK;
  Weights weights;
  udc_npu_error error{};
};

inline Decoded decode(const Bytes& stream, uint64_t limit = uint64_t{1} << 22) {
  Decoded decoded;
  uint64_t count = 0;
  decoded.status =
      udc_npu_decode_weights(stream.data(), stream.size(), nullptr, limit, &count, &decoded.error);
  if (decoded.status != UDC_NPU_OK) {
    return decoded;
  }
  decoded.weights.resize(count);
  decoded.status = udc_npu_decode_weights(stream.data(), stream.size(), decoded.weights.data(),
                                          count, &count, &decoded.error);
  return decoded;
}

}  // namespace udc::npu::test
