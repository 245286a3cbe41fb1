// Compares a device's results with the float64 reference before anything is timed.
#ifndef UDC_KERNELS_BENCH_CHECK_H
#define UDC_KERNELS_BENCH_CHECK_H

#include <cmath>

#include "../tests/reference.h"
#include "network.h"

namespace udc::kernels::bench {

inline void compare(const std::vector<float>& actual, const std::vector<reference::Sum>& expected,
                    const char* name, const Shape& shape) {
  for (size_t i = 0; i < expected.size(); i++) {
    const double tolerance = 16 * 0x1p-24 * expected[i].magnitude + 1e-37;
    if (!(std::fabs(actual[i] - expected[i].value) <= tolerance)) {
      stop(std::string(name) + "[" + std::to_string(i) + "] of a " +
           std::to_string(shape.channels) + " x " + std::to_string(shape.per_channel) +
           " tensor is " + std::to_string(actual[i]) + ", expected " +
           std::to_string(expected[i].value));
    }
  }
}

inline void check_thresholds(const Network& network, size_t i, const std::vector<float>& weights) {
  const udc_threshold_layer& layer = network.thresholds[i];
  const int options = network.options.mix.sparsity_options;
  const std::vector<float> limits = network.download(layer.thresholds, options);
  const std::vector<int64_t> ties = network.download(layer.tie_limits, options);
  for (int s = 0; s < options; s++) {
    const auto expected =
        reference::survivors(weights.data(), layer.count, network.options.sparsities[s]);
    for (int64_t k = 0; k < layer.count; k++) {
      if (reference::survives(weights[k], k, limits[s], ties[s]) != expected[k]) {
        stop("a threshold keeps the wrong weights of a tensor of " + std::to_string(layer.count));
      }
    }
  }
}

// Behind udc_kernels_make_masks and _apply_masks.
inline void check_masks(const Network& network, size_t i, const std::vector<float>& weights) {
  const udc_mask_layer& layer = network.masks[i];
  const double sparsity = network.options.sparsities[i % network.options.mix.sparsity_options];
  const auto expected = reference::survivors(weights.data(), layer.count, sparsity);
  const std::vector<uint8_t> mask = network.download(layer.mask, layer.count);
  const std::vector<float> pruned = network.download(layer.weights, layer.count);
  for (int64_t k = 0; k < layer.count; k++) {
    const std::string where = " of weight " + std::to_string(k) + " of " +
                              std::to_string(layer.count) + " is wrong";
    if (mask[k] != (expected[k] ? 1 : 0)) stop("the mask" + where);
    const float value = expected[k] ? weights[k] : 0.0f;
    if (std::memcmp(&pruned[k], &value, sizeof value) != 0) stop("the pruned value" + where);
  }
}

inline void check_normalized(const Network& network, size_t i, const std::vector<float>& weights) {
  const udc_normalize_layer& layer = network.normalize[i];
  const Shape shape = {layer.channels, layer.per_channel};
  std::vector<reference::Sum> factors(layer.channels), normalized(weights.size());
  for (int64_t c = 0; c < layer.channels; c++) {
    const float* const row = weights.data() + c * layer.per_channel;
    double squares = 0;
    for (int64_t j = 0; j < layer.per_channel; j++) squares += static_cast<double>(row[j]) * row[j];
    const double rms = std::sqrt(squares / static_cast<double>(layer.per_channel));
    factors[c].add(rms > 0 ? 1 / rms : 1);
    for (int64_t j = 0; j < layer.per_channel; j++) {
      normalized[c * layer.per_channel + j].add(row[j] * factors[c].value);
    }
  }
  const int64_t count = layer.channels * layer.per_channel;
  compare(network.download(layer.weights, count), normalized, "normalized", shape);
  if (layer.factors) {
    compare(network.download(layer.factors, layer.channels), factors, "factors", shape);
  }
}

inline void check_mix(const Network& network, size_t i, const std::vector<float>& weights) {
  udc_mix_layer layer = network.mix[i];
  const udc_mix_layer device = layer;
  const int64_t count = layer.channels * layer.per_channel;
  const Shape shape = {layer.channels, layer.per_channel};
  const udc_mix_options& options = network.options.mix;
  const int64_t bits_mixed = options.bit_options, sparsities_mixed = options.sparsity_options;
  const auto steps = network.download(device.steps, layer.channels * bits_mixed);
  const auto bits = network.download(device.bit_probabilities, bits_mixed);
  const auto sparsities = network.download(device.sparsity_probabilities, sparsities_mixed);
  const auto limits = network.download(device.thresholds, sparsities_mixed);
  const auto ties = network.download(device.tie_limits, sparsities_mixed);
  const auto mask = network.download(device.mask, layer.per_channel);
  const auto channel_mask = network.download(device.channel_mask, layer.channels);
  const auto gradient = network.download(device.mixed_gradient, count);
  layer.weights = weights.data();
  layer.steps = steps.data();
  layer.bit_probabilities = bits.data();
  layer.sparsity_probabilities = sparsities.data();
  layer.thresholds = limits.data();
  layer.tie_limits = ties.data();
  layer.mask = mask.data();
  layer.channel_mask = channel_mask.data();
  layer.mixed_gradient = gradient.data();
  const reference::Mix expected = reference::mix(layer, options);
  compare(network.download(device.mixed, count), expected.mixed, "mixed", shape);
  compare(network.download(device.weight_gradient, count), expected.weights, "weight_gradient",
          shape);
  compare(network.download(device.bit_gradient, bits_mixed), expected.bits, "bit_gradient", shape);
  compare(network.download(device.sparsity_gradient, sparsities_mixed), expected.sparsities,
          "sparsity_gradient", shape);
  compare(network.download(device.step_gradient, layer.channels * bits_mixed), expected.steps,
          "step_gradient", shape);
  compare(network.download(device.mask_gradient, layer.per_channel), expected.mask, "mask_gradient",
          shape);
  compare(network.download(device.channel_mask_gradient, layer.channels), expected.channel_mask,
          "channel_mask_gradient", shape);
}

inline void check_quantize(const Network& network, size_t i, const std::vector<float>& weights) {
  const udc_quantize_layer& layer = network.quantize[i];
  const int64_t count = layer.channels * layer.per_channel;
  const Shape shape = {layer.channels, layer.per_channel};
  const auto steps = network.download(layer.steps, layer.channels);
  const auto gradient = network.download(layer.quantized_gradient, count);
  const auto masks = layer.mask ? network.download(layer.mask, count) : std::vector<uint8_t>();
  std::vector<reference::Sum> output(count), inputs(count), sums(layer.channels);
  for (int64_t k = 0; k < count; k++) {
    const int64_t row = k / layer.per_channel;
    const auto q = reference::quantize(weights[k], steps[row], layer.bits);
    const double mask = layer.mask ? masks[k] : 1;
    output[k].add(mask * q.value);
    inputs[k].add(q.inside ? gradient[k] * (layer.straight_through_mask ? 1 : mask) : 0);
    sums[row].add(gradient[k] * mask * q.slope);
  }
  compare(network.download(layer.quantized, count), output, "quantized", shape);
  compare(network.download(layer.weight_gradient, count), inputs, "quantized gradient", shape);
  compare(network.download(layer.step_gradient, layer.channels), sums, "step of quantized", shape);
}

inline void check_activation(const Network& network, size_t i, const std::vector<float>& inputs) {
  const udc_activation_tensor& tensor = network.activations[i];
  const Shape shape = {1, tensor.count};
  const float step = network.download(tensor.step, 1)[0];
  const int32_t zero_point = tensor.zero_point ? network.download(tensor.zero_point, 1)[0] : 0;
  const auto gradient = network.download(tensor.output_gradient, tensor.count);
  std::vector<reference::Sum> output(tensor.count), input_gradient(tensor.count), sum(1);
  for (int64_t k = 0; k < tensor.count; k++) {
    const auto q = reference::quantize(inputs[k], step, tensor.quant_min - zero_point,
                                       tensor.quant_max - zero_point);
    output[k].add(q.value);
    input_gradient[k].add(q.inside ? gradient[k] : 0);
    sum[0].add(gradient[k] * q.slope);
  }
  compare(network.download(tensor.output, tensor.count), output, "activation", shape);
  compare(network.download(tensor.input_gradient, tensor.count), input_gradient,
          "activation gradient", shape);
  compare(network.download(tensor.step_gradient, 1), sum, "step of activation", shape);
}

inline void run_mix(const Network& network) {
  udc_kernels_error error = {};
  const int64_t count = static_cast<int64_t>(network.mix.size());
  const udc_kernels_execution& run = network.execution;
  const udc_mix_options& options = network.options.mix;
  require_ok(udc_kernels_mix_forward(network.mix.data(), count, &options, &run, &error), error);
  require_ok(udc_kernels_mix_backward(network.mix.data(), count, &options, &run, &error), error);
}

using Weights = std::vector<std::vector<float>>;

inline void check_pruning(const Network& network, const Weights& weights) {
  const int64_t count = static_cast<int64_t>(weights.size());
  const int32_t sparsities = network.options.mix.sparsity_options;
  const udc_kernels_execution& run = network.execution;
  udc_kernels_error error = {};
  require_ok(udc_kernels_thresholds(network.thresholds.data(), count, sparsities, &run, &error),
             error);
  for (size_t i = 0; i < weights.size(); i++) check_thresholds(network, i, weights[i]);
  require_ok(udc_kernels_make_masks(network.masks.data(), count, &run, &error), error);
  require_ok(udc_kernels_apply_masks(network.masks.data(), count, &run, &error), error);
  for (size_t i = 0; i < weights.size(); i++) check_masks(network, i, weights[i]);
}

// Behind check_pruning, which leaves the thresholds.
inline void check_mixing(const Network& network, const Weights& weights) {
  const int64_t options = network.options.mix.bit_options;
  run_mix(network);
  Weights first;
  for (size_t i = 0; i < weights.size(); i++) {
    check_mix(network, i, weights[i]);
    first.push_back(network.download(network.mix[i].bit_gradient, options));
  }
  run_mix(network);
  for (size_t i = 0; i < weights.size(); i++) {
    const auto again = network.download(network.mix[i].bit_gradient, options);
    if (std::memcmp(again.data(), first[i].data(), options * sizeof(float)) != 0) {
      stop("a second run of mix_backward gives other bits");
    }
  }
}

inline void check_quantizers(const Network& network, const Weights& weights) {
  const int64_t count = static_cast<int64_t>(weights.size());
  const udc_kernels_execution& run = network.execution;
  udc_kernels_error error = {};
  require_ok(udc_kernels_quantize_forward(network.quantize.data(), count, &run, &error), error);
  require_ok(udc_kernels_quantize_backward(network.quantize.data(), count, &run, &error), error);
  for (size_t i = 0; i < weights.size(); i++) check_quantize(network, i, weights[i]);
  const udc_activation_tensor* tensors = network.activations.data();
  require_ok(udc_kernels_activation_forward(tensors, count, &run, &error), error);
  require_ok(udc_kernels_activation_backward(tensors, count, &run, &error), error);
  for (size_t i = 0; i < weights.size(); i++) check_activation(network, i, weights[i]);
  require_ok(udc_kernels_normalize_channels(network.normalize.data(), count, &run, &error), error);
  for (size_t i = 0; i < weights.size(); i++) check_normalized(network, i, weights[i]);
}

inline void check_network(const Network& network) {
  Weights weights;
  for (const udc_mix_layer& layer : network.mix) {
    weights.push_back(network.download(layer.weights, layer.channels * layer.per_channel));
  }
  check_pruning(network, weights);
  check_mixing(network, weights);
  check_quantizers(network, weights);
}

inline void check_device(Device* device) {
  std::vector<Shape> shapes = {{1, 1},  {1, 7},    {3, 9},    {17, 27},   {33, 25},  {1, 4097},
                               {64, 1}, {3000, 3}, {5, 1025}, {2, 70001}, {40, 1153}};
  check_network(Network(device, shapes, 2, true, kMostOptions));
  // 70 tensors, so that a network also takes more than one launch.
  while (shapes.size() < 70) shapes.push_back({static_cast<int64_t>(shapes.size()), 45});
  check_network(Network(device, shapes, 1, true));
  std::fprintf(stderr, "%s: all results agree with the float64 reference\n",
               device->name().c_str());
}

}  // namespace udc::kernels::bench

#endif  // UDC_KERNELS_BENCH_CHECK_H
