// mix backward, the end: adds up partial sums in a fixed order, in float64. Traffic: B + S doubles
// per block of the pass over the weights, below one percent of its own; for rows of several parts B
// + 1 floats per part.
#include <vector>

#include "cuda/cuda_backend.h"
#include "cuda/mix.cuh"

namespace udc::kernels::cuda {
namespace {

// One block per output of a tensor: bit options, then sparsity options.
__global__ void __launch_bounds__(kThreads)
    mix_totals_kernel(const __grid_constant__ Batch<MixTensor> batch,
                      const __grid_constant__ Options options) {
  __shared__ double warp_sums[kWarps];
  const int index = tensor_of_block(batch, blockIdx.x);
  const MixTensor& tensor = batch.tensors[index];
  const int output = blockIdx.x - batch.first_block[index];
  const int64_t blocks = tensor.items.blocks();
  double sum = 0.0;
  for (int64_t i = threadIdx.x; i < blocks; i += kThreads) {
    sum += tensor.block_sums[output * blocks + i];
  }
  sum = warp_sum(sum);
  if (threadIdx.x % kWarp == 0) warp_sums[threadIdx.x / kWarp] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  sum = 0.0;
  for (int w = 0; w < kWarps; w++) sum += warp_sums[w];
  if (output < options.bit_options) {
    if (tensor.layer.bit_gradient) tensor.layer.bit_gradient[output] = static_cast<float>(sum);
  } else if (tensor.layer.sparsity_gradient) {
    tensor.layer.sparsity_gradient[output - options.bit_options] = static_cast<float>(sum);
  }
}

// One warp per channel and output (bit options, then the channel mask) where a channel has several
// parts; also writes the zeros of channels without any.
__global__ void __launch_bounds__(kThreads)
    mix_channels_kernel(const __grid_constant__ Batch<MixTensor> batch,
                        const __grid_constant__ Options options) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const MixTensor& tensor = batch.tensors[index];
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int outputs = options.bit_options + 1;
  const int64_t task = block * kWarps + threadIdx.x / kWarp;
  if (task >= tensor.layer.channels * outputs) return;
  const int64_t channel = task / outputs;
  const int output = static_cast<int>(task % outputs);
  const int64_t first = channel * tensor.items.parts;
  double sum = 0.0;
  for (int part = threadIdx.x % kWarp; part < tensor.items.parts; part += kWarp) {
    sum += tensor.part_sums[(first + part) * outputs + output];
  }
  sum = warp_sum(sum);
  if (threadIdx.x % kWarp != 0) return;
  if (output < options.bit_options) {
    if (tensor.layer.step_gradient) {
      tensor.layer.step_gradient[channel * options.bit_options + output] = static_cast<float>(sum);
    }
  } else if (tensor.layer.channel_mask_gradient) {
    tensor.layer.channel_mask_gradient[channel] = static_cast<float>(sum);
  }
}

int64_t part_sum_count(const MixTensor& tensor, const Options& options) {
  return tensor.items.parts > 1 ? tensor.items.count() * (options.bit_options + 1) : 0;
}

int64_t column_sum_count(const MixTensor& tensor) {
  if (!tensor.layer.mask_gradient) return 0;
  return divide_up(tensor.layer.channels, kRowsPerColumnSum) * tensor.layer.per_channel;
}

// Places a tensor's sums at an offset of the workspace; returns the offset behind them.
int64_t place(char* workspace, int64_t offset, const Options& options, MixTensor* tensor) {
  const auto take = [&](int64_t bytes) {
    char* const start = workspace ? workspace + offset : nullptr;
    offset += divide_up(bytes, 16) * 16;
    return start;
  };
  const int64_t outputs = options.bit_options + options.sparsity_options;
  tensor->block_sums = reinterpret_cast<double*>(
      take(outputs * tensor->items.blocks() * static_cast<int64_t>(sizeof(double))));
  tensor->part_sums = reinterpret_cast<float*>(
      take(part_sum_count(*tensor, options) * static_cast<int64_t>(sizeof(float))));
  tensor->column_sums = reinterpret_cast<float*>(
      take(column_sum_count(*tensor) * static_cast<int64_t>(sizeof(float))));
  return offset;
}

}  // namespace

int64_t mix_backward_workspace(MixLayers layers, const Options& options) {
  int64_t offset = 0;
  for (const udc_mix_layer& layer : layers) {
    MixTensor tensor = make_mix_tensor(layer);
    offset = place(nullptr, offset, options, &tensor);
  }
  return offset;
}

Failure launch_mix_finish(const MixTensor* tensors, int64_t count, const Options& options,
                          cudaStream_t stream) {
  const Failure failure = launch_batches<MixTensor>(
      count, [&](int64_t i) { return tensors[i]; },
      [&](const MixTensor&) { return options.bit_options + options.sparsity_options; },
      [&](const Batch<MixTensor>& batch, int blocks) {
        return run_kernel(mix_totals_kernel, blocks, kThreads, stream, batch, options);
      });
  if (failure) return failure;
  return launch_batches<MixTensor>(
      count, [&](int64_t i) { return tensors[i]; },
      [&](const MixTensor& tensor) -> int64_t {
        if (tensor.items.parts == 1) return 0;
        return divide_up(tensor.layer.channels * (options.bit_options + 1), kWarps);
      },
      [&](const Batch<MixTensor>& batch, int blocks) {
        return run_kernel(mix_channels_kernel, blocks, kThreads, stream, batch, options);
      });
}

Failure mix_backward(MixLayers layers, const Options& options, const Execution& execution) {
  std::vector<MixTensor> tensors;
  int64_t offset = 0;
  for (const udc_mix_layer& layer : layers) {
    tensors.push_back(make_mix_tensor(layer));
    offset = place(static_cast<char*>(execution.workspace), offset, options, &tensors.back());
  }
  const cudaStream_t stream = stream_of(execution);
  // The mask gradient reads the incoming gradient, which the weight gradient may overwrite.
  Failure failure = launch_mix_mask_gradient(tensors.data(), layers.count, options, stream);
  if (!failure) failure = launch_mix_backward(tensors.data(), layers.count, options, stream);
  if (!failure) failure = launch_mix_finish(tensors.data(), layers.count, options, stream);
  return failure;
}

}  // namespace udc::kernels::cuda
