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
  const std::vector<float> limits = network.download(layer.thresholds, 5);
  const std::vector<int64_t> ties = network.download(layer.tie_limits, 5);
  for (int s = 0; s < 5; s++) {
    const auto expected = reference::survivors(weights.data(), layer.count, kSparsities[s]);
    for (int64_t k = 0; k < layer.count; k++) {
      if (reference::survives(weights[k], k, limits[s], ties[s]) != expected[k]) {
        stop("a threshold keeps the wrong weights of a tensor of " + std::to_string(layer.count));
      }
    }
  }
}

inline void check_mix(const Network& network, size_t i, const std::vector<float>& weights) {
  udc_mix_layer layer = network.mix[i];
  const udc_mix_layer device = layer;
  const int64_t count = layer.channels * layer.per_channel;
  const Shape shape = {layer.channels, layer.per_channel};
  const auto steps = network.download(device.steps, layer.channels * 6);
  const auto bits = network.download(device.bit_probabilities, 6);
  const auto sparsities = network.download(device.sparsity_probabilities, 5);
  const auto limits = network.download(device.thresholds, 5);
  const auto ties = network.download(device.tie_limits, 5);
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
  const reference::Mix expected = reference::mix(layer, kOptions);
  compare(network.download(device.mixed, count), expected.mixed, "mixed", shape);
  compare(network.download(device.weight_gradient, count), expected.weights, "weight_gradient",
          shape);
  compare(network.download(device.bit_gradient, 6), expected.bits, "bit_gradient", shape);
  compare(network.download(device.sparsity_gradient, 5), expected.sparsities, "sparsity_gradient",
          shape);
  compare(network.download(device.step_gradient, layer.channels * 6), expected.steps,
          "step_gradient", shape);
  compare(network.download(device.mask_gradient, layer.per_channel), expected.mask, "mask_gradient",
          shape);
  compare(network.download(device.channel_mask_gradient, layer.channels), expected.channel_mask,
          "channel_mask_gradient", shape);
}

// Fixed-bit weights, or activations where the tensor is one row.
inline void check_quantize(const Network& network, size_t i, const std::vector<float>& weights,
                           bool activation) {
  const udc_quantize_layer& layer = network.quantize[i];
  const int64_t count = layer.channels * layer.per_channel;
  const Shape shape = {layer.channels, layer.per_channel};
  const int64_t rows = activation ? 1 : layer.channels;
  const auto steps = network.download(layer.steps, rows);
  const auto gradient = network.download(layer.quantized_gradient, count);
  std::vector<reference::Sum> output(count), inputs(count), sums(rows);
  for (int64_t k = 0; k < count; k++) {
    const int64_t row = activation ? 0 : k / layer.per_channel;
    const auto q = activation ? reference::quantize(weights[k], steps[row], -128.0, 127.0)
                              : reference::quantize(weights[k], steps[row], layer.bits);
    output[k].add(q.value);
    inputs[k].add(q.inside ? gradient[k] : 0);
    sums[row].add(gradient[k] * q.slope);
  }
  compare(network.download(layer.quantized, count), output, "quantized", shape);
  compare(network.download(layer.weight_gradient, count), inputs, "quantized gradient", shape);
  compare(network.download(layer.step_gradient, rows), sums, "step of quantized", shape);
}

inline void run_mix(const Network& network) {
  udc_kernels_error error = {};
  const int64_t count = static_cast<int64_t>(network.mix.size());
  const udc_kernels_execution& run = network.execution;
  require_ok(udc_kernels_mix_forward(network.mix.data(), count, &kOptions, &run, &error), error);
  require_ok(udc_kernels_mix_backward(network.mix.data(), count, &kOptions, &run, &error), error);
}

inline void check_device(Device* device) {
  // 70 tensors, so that a network also takes more than one launch.
  std::vector<Shape> shapes = {{1, 1},  {1, 7},    {3, 9},    {17, 27},   {33, 25},  {1, 4097},
                               {64, 1}, {3000, 3}, {5, 1025}, {2, 70001}, {40, 1153}};
  while (shapes.size() < 70) shapes.push_back({static_cast<int64_t>(shapes.size()), 45});
  const Network network(device, shapes, 1, true);
  const int64_t count = static_cast<int64_t>(shapes.size());
  const udc_kernels_execution& run = network.execution;
  udc_kernels_error error = {};
  std::vector<std::vector<float>> weights;
  for (const udc_mix_layer& layer : network.mix) {
    weights.push_back(network.download(layer.weights, layer.channels * layer.per_channel));
  }
  require_ok(udc_kernels_thresholds(network.thresholds.data(), count, 5, &run, &error), error);
  for (size_t i = 0; i < shapes.size(); i++) check_thresholds(network, i, weights[i]);
  run_mix(network);
  std::vector<std::vector<float>> first;
  for (size_t i = 0; i < shapes.size(); i++) {
    check_mix(network, i, weights[i]);
    first.push_back(network.download(network.mix[i].bit_gradient, 6));
  }
  run_mix(network);
  for (size_t i = 0; i < shapes.size(); i++) {
    const auto again = network.download(network.mix[i].bit_gradient, 6);
    if (std::memcmp(again.data(), first[i].data(), 6 * sizeof(float)) != 0) {
      stop("a second run of mix_backward gives other bits");
    }
  }
  require_ok(udc_kernels_quantize_forward(network.quantize.data(), count, &run, &error), error);
  require_ok(udc_kernels_quantize_backward(network.quantize.data(), count, &run, &error), error);
  for (size_t i = 0; i < shapes.size(); i++) check_quantize(network, i, weights[i], false);
  const udc_activation_tensor* tensors = network.activations.data();
  require_ok(udc_kernels_activation_forward(tensors, count, &run, &error), error);
  require_ok(udc_kernels_activation_backward(tensors, count, &run, &error), error);
  for (size_t i = 0; i < shapes.size(); i++) check_quantize(network, i, weights[i], true);
  std::fprintf(stderr, "%s: all results agree with the float64 reference\n",
               device->name().c_str());
}

}  // namespace udc::kernels::bench

#endif  // UDC_KERNELS_BENCH_CHECK_H
