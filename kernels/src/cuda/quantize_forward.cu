// Fixed-bit fake quantization forward, of weights and activations. Traffic per element: 4 bytes
// read, 4 written, and 1 byte of mask where there is one.
#include "cuda/cuda_backend.h"
#include "cuda/quantize.cuh"

namespace udc::kernels::cuda {
namespace {

__global__ void __launch_bounds__(kThreads, 4)
    quantize_forward_kernel(const __grid_constant__ Batch<QuantizeTensor> batch) {
  constexpr int kUnroll = 4;
  const int index = tensor_of_block(batch, blockIdx.x);
  const QuantizeTensor& tensor = batch.tensors[index];
  const Items& items = tensor.items;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t last = min(items.count(), (block + 1) * items.per_block);
  const int lane = threadIdx.x % kWarp;
  for (int64_t item = block * items.per_block + threadIdx.x / kWarp; item < last; item += kWarps) {
    const int64_t row = item / items.parts;
    const int64_t column = item % items.parts * items.columns_per_part;
    const int64_t first = row * items.columns + column;
    const int count =
        static_cast<int>(min(items.columns - column, int64_t{items.columns_per_part}));
    const QuantizeRow quantizer(tensor, row);
    const float* const from = tensor.input + first;
    const uint8_t* const masks = tensor.mask ? tensor.mask + first : nullptr;
    const Groups groups(from, count);
    for (int i = groups.start + lane * 4; i < count; i += kUnroll * kWarp * 4) {
      float input[kUnroll][4];
#pragma unroll
      for (int u = 0; u < kUnroll; u++) {
        const int at = i + u * kWarp * 4;
        if (at < count) load_group(from, at, groups, input[u]);
      }
#pragma unroll
      for (int u = 0; u < kUnroll; u++) {
        const int at = i + u * kWarp * 4;
        if (at >= count) break;
        float mask[4];
        load_mask(masks, at, groups, mask);
        float output[4];
#pragma unroll
        for (int k = 0; k < 4; k++) {
          const float x = quantizer.clamp(quantizer.in_steps(input[u][k]));
          const float value = round_half_even(x) * quantizer.step * mask[k];
          output[k] = is_nan(input[u][k]) ? input[u][k] : value;
        }
        store_group(tensor.output + first, at, groups, output);
      }
    }
  }
}

template <typename AllTensors>
Failure forward(AllTensors tensors, const Execution& execution) {
  return launch_batches<QuantizeTensor>(
      tensors.count, [&](int64_t i) { return make_quantize_tensor(tensors[i]); },
      [](const QuantizeTensor& tensor) { return tensor.items.blocks(); },
      [&](const Batch<QuantizeTensor>& batch, int blocks) {
        return run_kernel(quantize_forward_kernel, blocks, kThreads, stream_of(execution), batch);
      });
}

}  // namespace

QuantizeTensor make_quantize_tensor(const udc_quantize_layer& layer) {
  const float levels = static_cast<float>((1 << (layer.bits - 1)) - 1);
  QuantizeTensor tensor = {};
  tensor.input = layer.weights;
  tensor.steps = layer.steps;
  tensor.mask = layer.mask;
  tensor.output = layer.quantized;
  tensor.output_gradient = layer.quantized_gradient;
  tensor.input_gradient = layer.weight_gradient;
  tensor.step_gradient = layer.step_gradient;
  tensor.items = Items::of(layer.channels, layer.per_channel);
  tensor.low = -levels;
  tensor.high = levels;
  tensor.straight_through_mask = layer.straight_through_mask;
  return tensor;
}

QuantizeTensor make_quantize_tensor(const udc_activation_tensor& activation) {
  QuantizeTensor tensor = {};
  tensor.input = activation.input;
  tensor.steps = activation.step;
  tensor.zero_point = activation.zero_point;
  tensor.output = activation.output;
  tensor.output_gradient = activation.output_gradient;
  tensor.input_gradient = activation.input_gradient;
  tensor.step_gradient = activation.step_gradient;
  tensor.items = Items::of(1, activation.count);
  tensor.low = static_cast<float>(activation.quant_min);
  tensor.high = static_cast<float>(activation.quant_max);
  return tensor;
}

Failure quantize_forward(QuantizeLayers layers, const Execution& execution) {
  return forward(layers, execution);
}

Failure activation_forward(ActivationTensors tensors, const Execution& execution) {
  return forward(tensors, execution);
}

}  // namespace udc::kernels::cuda
