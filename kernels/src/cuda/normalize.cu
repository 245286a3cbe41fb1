// Normalization of channels, in place. Traffic per weight: 4 bytes read, and 4 read (from the L2
// cache for rows that fit) and 4 written.
#include "cuda/cuda_backend.h"
#include "cuda/device.cuh"

namespace udc::kernels::cuda {
namespace {

// One block per channel; sums in float64, in a fixed order.
__global__ void __launch_bounds__(kThreads)
    normalize_kernel(const __grid_constant__ Batch<udc_normalize_layer> batch) {
  __shared__ double warp_sums[kWarps];
  __shared__ float shared_factor;
  const int index = tensor_of_block(batch, blockIdx.x);
  const udc_normalize_layer& layer = batch.tensors[index];
  const int64_t channel = blockIdx.x - batch.first_block[index];
  float* const weights = layer.weights + channel * layer.per_channel;
  double squares = 0.0;
  for (int64_t j = threadIdx.x; j < layer.per_channel; j += kThreads) {
    const double weight = weights[j];
    squares = fma(weight, weight, squares);
  }
  squares = warp_sum(squares);
  if (threadIdx.x % kWarp == 0) warp_sums[threadIdx.x / kWarp] = squares;
  __syncthreads();
  if (threadIdx.x == 0) {
    double total = 0.0;
    for (int w = 0; w < kWarps; w++) total += warp_sums[w];
    const double rms = sqrt(total / static_cast<double>(layer.per_channel));
    const bool usable = rms > 0.0 && isfinite(rms) && isfinite(static_cast<float>(1.0 / rms));
    shared_factor = usable ? static_cast<float>(1.0 / rms) : 1.0f;
    if (layer.factors) layer.factors[channel] = shared_factor;
  }
  __syncthreads();
  const float factor = shared_factor;
  for (int64_t j = threadIdx.x; j < layer.per_channel; j += kThreads) weights[j] *= factor;
}

}  // namespace

Failure normalize_channels(NormalizeLayers layers, const Execution& execution) {
  return launch_batches<udc_normalize_layer>(
      layers.count, [&](int64_t i) { return layers[i]; },
      [](const udc_normalize_layer& layer) { return layer.channels; },
      [&](const Batch<udc_normalize_layer>& batch, int blocks) {
        return run_kernel(normalize_kernel, blocks, kThreads, stream_of(execution), batch);
      });
}

}  // namespace udc::kernels::cuda
