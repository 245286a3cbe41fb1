// Fixed-bit fake quantization backward, of weights and activations. Traffic per element: 8 bytes
// read (input, gradient), 4 written, and 1 byte of mask where there is one; 8 bytes per item of up
// to 4096 elements for the step's partial sums, which a second launch adds up in a fixed order.
#include <vector>

#include "cuda/cuda_backend.h"
#include "cuda/quantize.cuh"

namespace udc::kernels::cuda {
namespace {

__global__ void __launch_bounds__(kThreads)
    quantize_backward_kernel(const __grid_constant__ Batch<QuantizeTensor> batch) {
  constexpr int kUnroll = 2;
  const int index = tensor_of_block(batch, blockIdx.x);
  const QuantizeTensor& tensor = batch.tensors[index];
  const Items& items = tensor.items;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t last = min(items.count(), (block + 1) * items.per_block);
  const int lane = threadIdx.x % kWarp;
  const bool straight_through = tensor.straight_through_mask != 0;
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
    float steps = 0.0f;
    for (int i = groups.start + lane * 4; i < count; i += kUnroll * kWarp * 4) {
      float input[kUnroll][4];
      float gradient[kUnroll][4];
#pragma unroll
      for (int u = 0; u < kUnroll; u++) {
        const int at = i + u * kWarp * 4;
        if (at < count) {
          load_group(from, at, groups, input[u]);
          load_group(tensor.output_gradient + first, at, groups, gradient[u]);
        }
      }
#pragma unroll
      for (int u = 0; u < kUnroll; u++) {
        const int at = i + u * kWarp * 4;
        if (at >= count) break;
        float mask[4];
        load_mask(masks, at, groups, mask);
        float result[4];
#pragma unroll
        for (int k = 0; k < 4; k++) {
          const float value = input[u][k];
          const float incoming = is_nan(value) ? value : gradient[u][k];
          const float masked = incoming * mask[k];
          const float x = quantizer.in_steps(value);
          const float rounded = round_half_even(quantizer.clamp(x));
          const bool inside = quantizer.inside(value);
          // Elements outside the row were loaded as 0 with gradient 0 and add nothing.
          steps = fmaf(masked, inside ? rounded - x : rounded, steps);
          result[k] = (straight_through ? incoming : masked) * (inside ? 1.0f : 0.0f);
        }
        store_group(tensor.input_gradient + first, at, groups, result);
      }
    }
    const double sum = warp_sum(static_cast<double>(steps));
    if (lane == 0) tensor.part_sums[item] = sum;
  }
}

// One warp per row adds up its parts.
__global__ void __launch_bounds__(kThreads)
    quantize_steps_kernel(const __grid_constant__ Batch<QuantizeTensor> batch) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const QuantizeTensor& tensor = batch.tensors[index];
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t row = block * kWarps + threadIdx.x / kWarp;
  if (row >= tensor.items.rows) return;
  const int lane = threadIdx.x % kWarp;
  double sum = 0.0;
  for (int part = lane; part < tensor.items.parts; part += kWarp) {
    sum += tensor.part_sums[row * tensor.items.parts + part];
  }
  sum = warp_sum(sum);
  if (lane == 0) tensor.step_gradient[row] = static_cast<float>(sum);
}

template <typename AllTensors>
int64_t workspace(AllTensors tensors) {
  int64_t items = 0;
  for (const auto& tensor : tensors) items += make_quantize_tensor(tensor).items.count();
  return items * static_cast<int64_t>(sizeof(double));
}

template <typename AllTensors>
Failure backward(AllTensors all, const Execution& execution) {
  std::vector<QuantizeTensor> tensors;
  double* part_sums = static_cast<double*>(execution.workspace);
  for (const auto& given : all) {
    tensors.push_back(make_quantize_tensor(given));
    tensors.back().part_sums = part_sums;
    part_sums += tensors.back().items.count();
  }
  const auto make = [&](int64_t i) { return tensors[i]; };
  const cudaStream_t stream = stream_of(execution);
  const Failure failure = launch_batches<QuantizeTensor>(
      all.count, make, [](const QuantizeTensor& tensor) { return tensor.items.blocks(); },
      [&](const Batch<QuantizeTensor>& batch, int blocks) {
        return run_kernel(quantize_backward_kernel, blocks, kThreads, stream, batch);
      });
  if (failure) return failure;
  return launch_batches<QuantizeTensor>(
      all.count, make,
      [](const QuantizeTensor& tensor) {
        return tensor.step_gradient ? divide_up(tensor.items.rows, kWarps) : 0;
      },
      [&](const Batch<QuantizeTensor>& batch, int blocks) {
        return run_kernel(quantize_steps_kernel, blocks, kThreads, stream, batch);
      });
}

}  // namespace

int64_t quantize_backward_workspace(QuantizeLayers layers) { return workspace(layers); }
int64_t activation_backward_workspace(ActivationTensors tensors) { return workspace(tensors); }

Failure quantize_backward(QuantizeLayers layers, const Execution& execution) {
  return backward(layers, execution);
}

Failure activation_backward(ActivationTensors tensors, const Execution& execution) {
  return backward(tensors, execution);
}

}  // namespace udc::kernels::cuda
