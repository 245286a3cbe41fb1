// The kernels' formulas in float64, written plainly: one loop per sum, nothing shared, nothing
// fused.
#ifndef UDC_KERNELS_TESTS_REFERENCE_H
#define UDC_KERNELS_TESTS_REFERENCE_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include "udc/kernels.h"

namespace udc::kernels::reference {

inline uint32_t magnitude_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits & 0x7fffffffu;
}

inline bool survives(float weight, int64_t index, float threshold, int64_t tie_limit) {
  const uint32_t bits = magnitude_bits(weight), limit = magnitude_bits(threshold);
  return bits > limit || (bits == limit && index <= tie_limit);
}

// One weight under one quantizer.
struct Quantized {
  double rounded;  // round(x), clamped: Q = rounded * step
  double value;    // Q
  bool inside;
  double slope;  // d Q / d step
};

inline Quantized quantize(float weight, float step, double low, double high) {
  if (std::isnan(weight)) return {weight, weight, false, weight};
  if (!(step >= 0x1p-50f && step <= 0x1p50f)) return {0, 0, false, 0};
  const double x = static_cast<float>(weight / step);
  const double rounded = std::fmin(std::fmax(std::nearbyint(x), low), high);
  const bool inside =
      weight >= step * static_cast<float>(low) && weight <= step * static_cast<float>(high);
  return {rounded, rounded * step, inside, inside ? rounded - x : rounded};
}

inline Quantized quantize(float weight, float step, int bits) {
  const double levels = (1 << (bits - 1)) - 1;
  return quantize(weight, step, -levels, levels);
}

// A sum and the sum of its terms' magnitudes, which says how exact a float sum can be.
struct Sum {
  double value = 0;
  double magnitude = 0;

  void add(double term) {
    value += term;
    magnitude += std::fabs(term);
  }
};

struct Mix {
  std::vector<Sum> mixed, weights, bits, sparsities, steps, mask, channel_mask;
};

inline Mix mix(const udc_mix_layer& layer, const udc_mix_options& options) {
  const int64_t count = layer.channels * layer.per_channel;
  Mix result;
  result.mixed.resize(count);
  result.weights.resize(count);
  result.bits.resize(options.bit_options);
  result.sparsities.resize(options.sparsity_options);
  result.steps.resize(layer.channels * options.bit_options);
  result.mask.resize(layer.per_channel);
  result.channel_mask.resize(layer.channels);
  for (int64_t i = 0; i < count; i++) {
    const int64_t c = i / layer.per_channel, j = i % layer.per_channel;
    const float w = layer.weights[i];
    const double mask = layer.mask ? layer.mask[j] : 1;
    const double channel_mask = layer.channel_mask ? layer.channel_mask[c] : 1;
    const bool nan = std::isnan(w);
    const double g = !layer.mixed_gradient ? 0 : nan ? w : layer.mixed_gradient[i];
    double kept = 0;
    for (int s = 0; s < options.sparsity_options; s++) {
      if (survives(w, i, layer.thresholds[s], layer.tie_limits[s])) {
        kept += layer.sparsity_probabilities[s];
      }
    }
    Sum value;
    double inside = 0;
    for (int b = 0; b < options.bit_options; b++) {
      const float step = layer.steps[c * options.bit_options + b];
      const Quantized q = quantize(w, step, options.bit_widths[b]);
      const double p = layer.bit_probabilities[b];
      value.add(p * q.value);
      inside += q.inside ? p : 0;
      result.bits[b].add(g * mask * channel_mask * kept * q.value);
      result.steps[c * options.bit_options + b].add(p * g * mask * channel_mask * kept * q.slope);
    }
    result.mixed[i].value = mask * channel_mask * kept * value.value;
    result.mixed[i].magnitude = std::fabs(mask * channel_mask * kept) * value.magnitude;
    result.weights[i].add(g * mask * channel_mask * (options.straight_through_mask ? 1 : kept) *
                          inside);
    for (int s = 0; s < options.sparsity_options; s++) {
      if (survives(w, i, layer.thresholds[s], layer.tie_limits[s])) {
        result.sparsities[s].add(g * mask * channel_mask * value.value);
      }
    }
    result.mask[j].add(g * channel_mask * kept * value.value);
    result.channel_mask[c].add(g * mask * kept * value.value);
  }
  return result;
}

// The flat indices that survive, by sorting: larger magnitudes first, then smaller indices.
inline std::vector<bool> survivors(const float* weights, int64_t count, double sparsity) {
  const int64_t wanted =
      count - static_cast<int64_t>(std::floor(sparsity * static_cast<double>(count) + 0.5));
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return magnitude_bits(weights[a]) > magnitude_bits(weights[b]);
  });
  std::vector<bool> result(count);
  for (int64_t i = 0; i < wanted; i++) result[order[i]] = true;
  return result;
}

}  // namespace udc::kernels::reference

#endif  // UDC_KERNELS_TESTS_REFERENCE_H
