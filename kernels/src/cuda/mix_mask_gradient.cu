// mix backward, the gradient of the mask over positions: sums down the columns, so a pass of its
// own, only where a tensor asks for it. Traffic per weight: 8 bytes read (w, G); 1/8 byte of
// partial sums written and read again, one float per column and 32 channels.
#include "cuda/mix.cuh"

namespace udc::kernels::cuda {
namespace {

// G * channel_mask * M * V of one weight. Options are loops here: this kernel is for small tensors.
__device__ float contribution(const udc_mix_layer& layer, const Options& options, int64_t channel,
                              int64_t i) {
  const float weight = layer.weights[i];
  const float gradient = is_nan(weight) ? weight : layer.mixed_gradient[i];
  const int32_t bits = magnitude_bits(weight);
  float kept = 0.0f;
  for (int s = 0; s < options.sparsity_options; s++) {
    const int32_t threshold = magnitude_bits(layer.thresholds[s]);
    if (bits > threshold || (bits == threshold && i <= layer.tie_limits[s])) {
      kept += layer.sparsity_probabilities[s];
    }
  }
  float value = 0.0f;
  for (int b = 0; b < options.bit_options; b++) {
    const float step = layer.steps[channel * options.bit_options + b];
    if (!is_usable_step(step)) continue;
    const float levels = static_cast<float>((1 << (options.bit_widths[b] - 1)) - 1);
    const float x = fminf(fmaxf(__fdiv_rn(weight, step), -levels), levels);
    value = fmaf(round_half_even(x), layer.bit_probabilities[b] * step, value);
  }
  const float channel_mask = layer.channel_mask ? layer.channel_mask[channel] : 1.0f;
  return gradient * channel_mask * kept * value;
}

__device__ int64_t column_blocks(int64_t columns) { return divide_up(columns, kThreads); }

// A thread sums one column over up to kRowsPerColumnSum channels.
__global__ void __launch_bounds__(kThreads)
    mask_gradient_kernel(const __grid_constant__ Batch<MixTensor> batch,
                         const __grid_constant__ Options options) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const MixTensor& tensor = batch.tensors[index];
  const udc_mix_layer& layer = tensor.layer;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t across = column_blocks(layer.per_channel);
  const int64_t column = block % across * kThreads + threadIdx.x;
  if (column >= layer.per_channel) return;
  const int64_t part = block / across;
  const int64_t last = min(layer.channels, (part + 1) * kRowsPerColumnSum);
  float sum = 0.0f;
  for (int64_t channel = part * kRowsPerColumnSum; channel < last; channel++) {
    sum += contribution(layer, options, channel, channel * layer.per_channel + column);
  }
  tensor.column_sums[part * layer.per_channel + column] = sum;
}

// A thread adds up one column's partial sums in their order.
__global__ void __launch_bounds__(kThreads)
    mask_totals_kernel(const __grid_constant__ Batch<MixTensor> batch) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const MixTensor& tensor = batch.tensors[index];
  const int64_t columns = tensor.layer.per_channel;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t column = block * kThreads + threadIdx.x;
  if (column >= columns) return;
  const int64_t parts = divide_up(tensor.layer.channels, kRowsPerColumnSum);
  double sum = 0.0;
  for (int64_t part = 0; part < parts; part++) sum += tensor.column_sums[part * columns + column];
  tensor.layer.mask_gradient[column] = static_cast<float>(sum);
}

}  // namespace

Failure launch_mix_mask_gradient(const MixTensor* tensors, int64_t count, const Options& options,
                                 cudaStream_t stream) {
  const auto column_blocks_of = [](const MixTensor& tensor) {
    return tensor.layer.mask_gradient ? divide_up(tensor.layer.per_channel, kThreads) : 0;
  };
  const auto make = [&](int64_t i) { return tensors[i]; };
  const Failure failure = launch_batches<MixTensor>(
      count, make,
      [&](const MixTensor& tensor) {
        return column_blocks_of(tensor) * divide_up(tensor.layer.channels, kRowsPerColumnSum);
      },
      [&](const Batch<MixTensor>& batch, int blocks) {
        return run_kernel(mask_gradient_kernel, blocks, kThreads, stream, batch, options);
      });
  if (failure) return failure;
  return launch_batches<MixTensor>(
      count, make, column_blocks_of, [&](const Batch<MixTensor>& batch, int blocks) {
        return run_kernel(mask_totals_kernel, blocks, kThreads, stream, batch);
      });
}

}  // namespace udc::kernels::cuda
