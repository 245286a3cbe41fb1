// Thresholds, the counting passes. Traffic per weight: 4 bytes read in each of three passes, 12 in
// all, one and a half copies whatever the number of sparsities. Counts are integers, so atomics on
// them give the same result in any order.
#include "cuda/thresholds.cuh"

namespace udc::kernels::cuda {
namespace {

constexpr int kUnroll = 4;

// Calls visit(bits) for this thread's weights of a tile, several loads ahead of the first use.
template <typename Visit>
__device__ __forceinline__ void for_tile(const ThresholdTensor& tensor, int64_t tile,
                                         const Visit& visit) {
  const int64_t first = tile * kTile;
  const float* const from = tensor.weights + first;
  const int count = static_cast<int>(min(tensor.count - first, kTile));
  const Groups groups(from, count);
  for (int i = groups.start + static_cast<int>(threadIdx.x) * 4; i < count;
       i += kUnroll * kTileThreads * 4) {
    float weights[kUnroll][4];
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kTileThreads * 4;
      if (at < count) load_group(from, at, groups, weights[u]);
    }
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kTileThreads * 4;
#pragma unroll
      for (int k = 0; k < 4; k++) {
        if (groups.holds(at + k)) visit(magnitude_bits(weights[u][k]));
      }
    }
  }
}

// First digit. Weights share few of its values, so neighbouring lanes count into different copies.
__global__ void __launch_bounds__(kTileThreads)
    count_first_kernel(const __grid_constant__ Batch<ThresholdTensor> batch) {
  constexpr int kCopies = 4;
  __shared__ uint32_t counts[kCopies * kMostDigits];
  const int index = tensor_of_block(batch, blockIdx.x);
  const ThresholdTensor& tensor = batch.tensors[index];
  for (int i = threadIdx.x; i < kCopies * kMostDigits; i += kTileThreads) counts[i] = 0;
  __syncthreads();
  const int copy = threadIdx.x % kCopies;
  for_tile(tensor, blockIdx.x - batch.first_block[index],
           [&](int32_t bits) { atomicAdd(&counts[(bits >> 20) * kCopies + copy], 1u); });
  __syncthreads();
  for (int digit = threadIdx.x; digit < kMostDigits; digit += kTileThreads) {
    uint32_t sum = 0;
#pragma unroll
    for (int c = 0; c < kCopies; c++) sum += counts[digit * kCopies + c];
    if (sum != 0) atomicAdd(&tensor.counts[digit], sum);
  }
}

// Second and third digit: counts the weights that share the digits of a threshold so far.
template <int Pass>
__global__ void __launch_bounds__(kTileThreads)
    count_next_kernel(const __grid_constant__ Batch<ThresholdTensor> batch,
                      const __grid_constant__ Sparsities options) {
  constexpr int kDigits = digits_of(Pass);
  constexpr int kShift = Pass == 1 ? 10 : 0;
  __shared__ uint32_t counts[kMost * kDigits];
  __shared__ uint32_t shared_prefixes[kMost];
  const int index = tensor_of_block(batch, blockIdx.x);
  const ThresholdTensor& tensor = batch.tensors[index];
  for (int i = threadIdx.x; i < options.count * kDigits; i += kTileThreads) counts[i] = 0;
  if (threadIdx.x < kMost) {
    const int s = threadIdx.x;
    // A prefix that no weight has stands for "nothing to count here".
    const bool counts_here =
        s < options.count && tensor.searches[s].wanted != 0 && group_of(tensor.searches, s) == s;
    shared_prefixes[s] = counts_here ? tensor.searches[s].prefix : 0xffffffffu;
  }
  __syncthreads();
  uint32_t prefixes[kMost];
#pragma unroll
  for (int s = 0; s < kMost; s++) prefixes[s] = shared_prefixes[s];
  for_tile(tensor, blockIdx.x - batch.first_block[index], [&](int32_t bits) {
    const uint32_t prefix = static_cast<uint32_t>(bits) >> (kShift + 10);
    const int digit = (bits >> kShift) & (kDigits - 1);
#pragma unroll
    for (int s = 0; s < kMost; s++) {
      if (prefix == prefixes[s]) atomicAdd(&counts[s * kDigits + digit], 1u);
    }
  });
  __syncthreads();
  for (int i = threadIdx.x; i < options.count * kDigits; i += kTileThreads) {
    const uint32_t sum = counts[i];
    if (sum != 0) atomicAdd(&tensor.counts[i / kDigits * kMostDigits + i % kDigits], sum);
  }
}

}  // namespace

Failure launch_counts(int pass, const ThresholdTensor* tensors, int64_t count, Sparsities options,
                      cudaStream_t stream) {
  return launch_batches<ThresholdTensor>(
      count, [&](int64_t i) { return tensors[i]; },
      [](const ThresholdTensor& tensor) { return divide_up(tensor.count, kTile); },
      [&](const Batch<ThresholdTensor>& batch, int blocks) {
        if (pass == 0) {
          return run_kernel(count_first_kernel, blocks, kTileThreads, stream, batch);
        }
        const auto kernel = pass == 1 ? count_next_kernel<1> : count_next_kernel<2>;
        return run_kernel(kernel, blocks, kTileThreads, stream, batch, options);
      });
}

}  // namespace udc::kernels::cuda
