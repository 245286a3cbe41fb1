// A random network for the mixing kernels, with its outputs.
#ifndef UDC_KERNELS_TESTS_NETWORK_H
#define UDC_KERNELS_TESTS_NETWORK_H

#include <memory>

#include "support.h"

namespace udc::kernels::testing {

struct MixTensor {
  Buffer<float> weights, steps, bit_probabilities, sparsity_probabilities, thresholds, mask,
      channel_mask, mixed_gradient;
  Buffer<int64_t> tie_limits;
  Buffer<float> mixed, weight_gradient, bit_gradient, sparsity_gradient, step_gradient,
      mask_gradient, channel_mask_gradient;
};

class MixNetwork {
 public:
  MixNetwork(const std::vector<Shape>& shapes, const udc_mix_options& options, uint64_t salt)
      : options_(options), random_(salt) {
    for (const Shape& shape : shapes) add(shape);
  }

  const std::vector<udc_mix_layer>& layers() const { return layers_; }
  std::vector<udc_mix_layer>& layers() { return layers_; }
  MixTensor& tensor(int64_t i) { return *tensors_[i]; }
  const udc_mix_options& options() const { return options_; }

 private:
  void add(const Shape& shape) {
    tensors_.push_back(std::make_unique<MixTensor>());
    MixTensor& t = *tensors_.back();
    const int64_t count = shape.channels * shape.per_channel;
    const int bits = options_.bit_options, sparsities = options_.sparsity_options;
    t.weights = random_.normals(count, 0.1f);
    t.steps = Buffer<float>(shape.channels * bits, random_.integer(0, 3));
    for (int64_t i = 0; i < shape.channels * bits; i++) {
      const int levels = (1 << (options_.bit_widths[i % bits] - 1)) - 1;
      t.steps[i] = 0.2f / static_cast<float>(levels) * random_.uniform(0.5f, 2);
    }
    t.bit_probabilities = random_.uniforms(bits, 0, 1);
    t.sparsity_probabilities = random_.uniforms(sparsities, 0, 1);
    t.thresholds = Buffer<float>(sparsities, 1);
    t.tie_limits = Buffer<int64_t>(sparsities, 1);
    for (int s = 0; s < sparsities; s++) {
      // Every other threshold is a weight's own magnitude, with a tie limit before or after it.
      const int64_t pick = random_.integer(0, count - 1);
      t.thresholds[s] = s % 2 ? std::fabs(t.weights[pick]) : 0.05f * static_cast<float>(s);
      t.tie_limits[s] = s == 0 ? INT64_MAX : random_.integer(-1, count);
    }
    const bool masked = random_.integer(0, 3) > 0;
    t.mask = random_.uniforms(shape.per_channel, -0.2f, 1);
    t.channel_mask = random_.uniforms(shape.channels, -0.2f, 1);
    t.mixed_gradient = random_.normals(count, 1);
    t.mixed = Buffer<float>(count, random_.integer(0, 3));
    t.weight_gradient = Buffer<float>(count, random_.integer(0, 3));
    t.bit_gradient = Buffer<float>(bits, 1);
    t.sparsity_gradient = Buffer<float>(sparsities, 2);
    t.step_gradient = Buffer<float>(shape.channels * bits, 3);
    t.mask_gradient = Buffer<float>(shape.per_channel, 1);
    t.channel_mask_gradient = Buffer<float>(shape.channels, 1);
    udc_mix_layer layer = {};
    layer.weights = t.weights.data();
    layer.mixed = t.mixed.data();
    layer.steps = t.steps.data();
    layer.bit_probabilities = t.bit_probabilities.data();
    layer.sparsity_probabilities = t.sparsity_probabilities.data();
    layer.thresholds = t.thresholds.data();
    layer.tie_limits = t.tie_limits.data();
    layer.mask = masked ? t.mask.data() : nullptr;
    layer.channel_mask = masked ? t.channel_mask.data() : nullptr;
    layer.channels = shape.channels;
    layer.per_channel = shape.per_channel;
    layer.mixed_gradient = t.mixed_gradient.data();
    layer.weight_gradient = t.weight_gradient.data();
    layer.bit_gradient = t.bit_gradient.data();
    layer.sparsity_gradient = t.sparsity_gradient.data();
    layer.step_gradient = t.step_gradient.data();
    layer.mask_gradient = masked || shape.per_channel % 2 ? t.mask_gradient.data() : nullptr;
    layer.channel_mask_gradient = t.channel_mask_gradient.data();
    layers_.push_back(layer);
  }

  udc_mix_options options_;
  Random random_;
  std::vector<std::unique_ptr<MixTensor>> tensors_;
  std::vector<udc_mix_layer> layers_;
};

inline udc_mix_options all_options(int32_t straight_through_mask = 0) {
  return {{2, 3, 4, 5, 6, 8, 0, 0}, 6, 5, straight_through_mask};
}

}  // namespace udc::kernels::testing

#endif  // UDC_KERNELS_TESTS_NETWORK_H
