// Thresholds, the selection of a digit after each counting pass. Traffic: the histograms, read once
// and cleared, at most 64 KiB a tensor.
#include <vector>

#include "cuda/cuda_backend.h"
#include "cuda/thresholds.cuh"

namespace udc::kernels::cuda {
namespace {

// One warp finds the digit, from the largest down, in which the wanted survivor lies. Lane 0 takes
// the largest digits; the prefix sum over lanes says which lane holds it.
__device__ void select_digit(const uint32_t* counts, int digits, Search* search) {
  const int lane = threadIdx.x % kWarp;
  const int share = digits / kWarp;
  const int top = digits - 1 - lane * share;
  uint32_t own = 0;
  for (int d = top; d > top - share; d--) own += counts[d];
  uint32_t through = own;
#pragma unroll
  for (int offset = 1; offset < kWarp; offset *= 2) {
    const uint32_t below = __shfl_up_sync(kAllLanes, through, offset);
    if (lane >= offset) through += below;
  }
  const uint32_t wanted = search->wanted;
  const uint32_t prefix = search->prefix;
  __syncwarp();
  if (wanted <= through - own || wanted > through) return;
  uint32_t left = wanted - (through - own);
  int digit = top;
  while (counts[digit] < left) left -= counts[digit--];
  search->wanted = left;
  search->prefix = prefix * digits + digit;
  search->matches = counts[digit];
}

// One block per tensor, one warp per sparsity.
template <int Pass>
__global__ void __launch_bounds__(kThreads)
    select_kernel(const __grid_constant__ Batch<ThresholdTensor> batch,
                  const __grid_constant__ Sparsities options) {
  static_assert(kWarps == kMost, "a warp for every sparsity");
  const ThresholdTensor& tensor = batch.tensors[blockIdx.x];
  const int s = threadIdx.x / kWarp;
  const bool exists = s < options.count;
  if (Pass == 0 && exists && threadIdx.x % kWarp == 0) {
    // Nothing is sought where all survive or none does.
    const bool sought = tensor.wanted[s] != 0 && tensor.wanted[s] != tensor.count;
    tensor.searches[s] = {sought ? tensor.wanted[s] : 0, 0, 0, 0};
  }
  __syncthreads();
  const bool sought = exists && tensor.searches[s].wanted != 0;
  // The first digit has one histogram for all, even if the first sparsity seeks nothing.
  const int group = Pass > 0 && sought ? group_of(tensor.searches, s) : 0;
  __syncthreads();  // every warp knows its group before any prefix grows
  if (sought) {
    select_digit(tensor.counts + group * kMostDigits, digits_of(Pass), &tensor.searches[s]);
  }
  __syncthreads();
  for (int i = threadIdx.x; i < options.count * kMostDigits; i += kThreads) tensor.counts[i] = 0;
  if (Pass != kPasses - 1 || !exists || threadIdx.x % kWarp != 0) return;
  Search& search = tensor.searches[s];
  int32_t bits = static_cast<int32_t>(search.prefix);
  int64_t tie_limit = INT64_MAX;
  if (!sought) {
    const bool all = tensor.wanted[s] == tensor.count;
    bits = all ? 0 : 0x7fffffff;
    tie_limit = all ? INT64_MAX : -1;
  } else if (search.matches > search.wanted) {
    search.breaks_tie = 1;  // the tie kernels overwrite the limit
  }
  tensor.thresholds[s] = __int_as_float(bits);
  tensor.tie_limits[s] = tie_limit;
}

// Places a tensor's state at an offset of the workspace; returns the offset behind it.
int64_t place(char* workspace, int64_t offset, ThresholdTensor* tensor) {
  const auto take = [&](int64_t bytes) {
    char* const start = workspace ? workspace + offset : nullptr;
    offset += divide_up(bytes, 16) * 16;
    return start;
  };
  tensor->searches = reinterpret_cast<Search*>(take(kMost * sizeof(Search)));
  tensor->counts = reinterpret_cast<uint32_t*>(take(kMost * kMostDigits * sizeof(uint32_t)));
  tensor->tile_ties = reinterpret_cast<uint32_t*>(
      take(kMost * divide_up(tensor->count, kTile) * static_cast<int64_t>(sizeof(uint32_t))));
  return offset;
}

ThresholdTensor make_tensor(const udc_threshold_layer& layer, int32_t options) {
  ThresholdTensor tensor = {};
  tensor.weights = layer.weights;
  tensor.count = layer.count;
  tensor.thresholds = layer.thresholds;
  tensor.tie_limits = layer.tie_limits;
  for (int s = 0; s < options; s++) {
    tensor.wanted[s] = static_cast<uint32_t>(survivors(layer.sparsities[s], layer.count));
  }
  return tensor;
}

}  // namespace

int64_t thresholds_workspace(ThresholdLayers layers, int32_t) {
  int64_t offset = 0;
  for (const udc_threshold_layer& layer : layers) {
    ThresholdTensor tensor = {};
    tensor.count = layer.count;
    offset = place(nullptr, offset, &tensor);
  }
  return offset;
}

Failure launch_selection(int pass, const ThresholdTensor* tensors, int64_t count,
                         Sparsities options, cudaStream_t stream) {
  return launch_batches<ThresholdTensor>(
      count, [&](int64_t i) { return tensors[i]; }, [](const ThresholdTensor&) { return 1; },
      [&](const Batch<ThresholdTensor>& batch, int blocks) {
        const auto kernel = pass == 0   ? select_kernel<0>
                            : pass == 1 ? select_kernel<1>
                                        : select_kernel<2>;
        return run_kernel(kernel, blocks, kThreads, stream, batch, options);
      });
}

Failure thresholds(ThresholdLayers layers, int32_t sparsity_options, const Execution& execution) {
  std::vector<ThresholdTensor> tensors;
  const cudaStream_t stream = stream_of(execution);
  int64_t offset = 0;
  for (const udc_threshold_layer& layer : layers) {
    if (layer.count > UINT32_MAX) return "a tensor has more than 2^32 - 1 weights";
    tensors.push_back(make_tensor(layer, sparsity_options));
    offset = place(static_cast<char*>(execution.workspace), offset, &tensors.back());
  }
  const cudaError_t error = cudaMemsetAsync(execution.workspace, 0, offset, stream);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  const Sparsities options = {sparsity_options};
  for (int pass = 0; pass < kPasses; pass++) {
    Failure failure = launch_counts(pass, tensors.data(), layers.count, options, stream);
    if (!failure) failure = launch_selection(pass, tensors.data(), layers.count, options, stream);
    if (failure) return failure;
  }
  return launch_ties(tensors.data(), layers.count, options, stream);
}

}  // namespace udc::kernels::cuda
