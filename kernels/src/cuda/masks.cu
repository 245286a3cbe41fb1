// Masks. make: 4 bytes read and 1 written per weight. apply: 1 byte read and, where a weight is
// pruned, 4 written.
#include "cuda/cuda_backend.h"
#include "cuda/device.cuh"

namespace udc::kernels::cuda {
namespace {

constexpr int kPerThread = 16;
constexpr int64_t kPerBlock = kThreads * kPerThread;

__global__ void __launch_bounds__(kThreads)
    make_masks_kernel(const __grid_constant__ Batch<udc_mask_layer> batch) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const udc_mask_layer& layer = batch.tensors[index];
  const int64_t first = (blockIdx.x - batch.first_block[index]) * kPerBlock + threadIdx.x;
  const int32_t threshold = magnitude_bits(*layer.threshold);
  const int64_t tie_limit = *layer.tie_limit;
#pragma unroll
  for (int k = 0; k < kPerThread; k++) {
    const int64_t i = first + k * kThreads;
    if (i >= layer.count) return;
    const int32_t bits = magnitude_bits(layer.weights[i]);
    layer.mask[i] = bits > threshold || (bits == threshold && i <= tie_limit);
  }
}

__global__ void __launch_bounds__(kThreads)
    apply_masks_kernel(const __grid_constant__ Batch<udc_mask_layer> batch) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const udc_mask_layer& layer = batch.tensors[index];
  const int64_t first = (blockIdx.x - batch.first_block[index]) * kPerBlock + threadIdx.x;
#pragma unroll
  for (int k = 0; k < kPerThread; k++) {
    const int64_t i = first + k * kThreads;
    if (i >= layer.count) return;
    if (layer.mask[i] == 0) layer.weights[i] = 0.0f;
  }
}

template <typename Launch>
Failure launch_all(MaskLayers layers, const Launch& launch) {
  return launch_batches<udc_mask_layer>(
      layers.count, [&](int64_t i) { return layers[i]; },
      [](const udc_mask_layer& layer) { return divide_up(layer.count, kPerBlock); }, launch);
}

}  // namespace

Failure make_masks(MaskLayers layers, const Execution& execution) {
  return launch_all(layers, [&](const Batch<udc_mask_layer>& batch, int blocks) {
    return run_kernel(make_masks_kernel, blocks, kThreads, stream_of(execution), batch);
  });
}

Failure apply_masks(MaskLayers layers, const Execution& execution) {
  return launch_all(layers, [&](const Batch<udc_mask_layer>& batch, int blocks) {
    return run_kernel(apply_masks_kernel, blocks, kThreads, stream_of(execution), batch);
  });
}

}  // namespace udc::kernels::cuda
