// Thresholds, the breaking of ties: the index of the last survivor among equal magnitudes. Where no
// tie has to be broken, which is the rule, both launches end at once. Else 4 bytes read per weight.
#include "cuda/thresholds.cuh"

namespace udc::kernels::cuda {
namespace {

__device__ bool equals(const ThresholdTensor& tensor, int64_t i, const Search& search) {
  return i < tensor.count &&
         magnitude_bits(tensor.weights[i]) == static_cast<int32_t>(search.prefix);
}

// Counts the ties of each tile.
__global__ void __launch_bounds__(kTileThreads)
    count_ties_kernel(const __grid_constant__ Batch<ThresholdTensor> batch,
                      const __grid_constant__ Sparsities options) {
  __shared__ uint32_t sum;
  const int index = tensor_of_block(batch, blockIdx.x);
  const ThresholdTensor& tensor = batch.tensors[index];
  const int64_t tile = blockIdx.x - batch.first_block[index];
  const int64_t end = min(tensor.count, (tile + 1) * kTile);
  for (int s = 0; s < options.count; s++) {
    const Search search = tensor.searches[s];
    if (!search.breaks_tie) continue;  // the same for the whole block
    if (threadIdx.x == 0) sum = 0;
    __syncthreads();
    uint32_t own = 0;
    for (int64_t i = tile * kTile + threadIdx.x; i < end; i += kTileThreads) {
      own += equals(tensor, i, search);
    }
    if (own != 0) atomicAdd(&sum, own);
    __syncthreads();
    if (threadIdx.x == 0) tensor.tile_ties[s * tiles_of(tensor) + tile] = sum;
  }
}

// One warp per sparsity: walks over the tiles' counts, then through the tile that decides.
__global__ void __launch_bounds__(kThreads)
    find_ties_kernel(const __grid_constant__ Batch<ThresholdTensor> batch,
                     const __grid_constant__ Sparsities options) {
  const ThresholdTensor& tensor = batch.tensors[blockIdx.x];
  const int s = threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  if (s >= options.count) return;
  const Search search = tensor.searches[s];
  if (!search.breaks_tie) return;
  const uint32_t* const ties = tensor.tile_ties + s * tiles_of(tensor);
  uint32_t left = search.wanted;
  int64_t tile = 0;
  while (ties[tile] < left) left -= ties[tile++];
  for (int64_t i = tile * kTile;; i += kWarp) {
    const unsigned equal = __ballot_sync(kAllLanes, equals(tensor, i + lane, search));
    const uint32_t found = __popc(equal);
    if (found < left) {
      left -= found;
      continue;
    }
    // The lane with left - 1 equal ones before it is the last survivor.
    const uint32_t before = __popc(equal & ((1u << lane) - 1));
    const bool is_last = (equal >> lane & 1) && before == left - 1;
    if (is_last) tensor.tie_limits[s] = i + lane;
    return;
  }
}

}  // namespace

Failure launch_ties(const ThresholdTensor* tensors, int64_t count, Sparsities options,
                    cudaStream_t stream) {
  const auto make = [&](int64_t i) { return tensors[i]; };
  const Failure failure = launch_batches<ThresholdTensor>(
      count, make, [](const ThresholdTensor& tensor) { return divide_up(tensor.count, kTile); },
      [&](const Batch<ThresholdTensor>& batch, int blocks) {
        return run_kernel(count_ties_kernel, blocks, kTileThreads, stream, batch, options);
      });
  if (failure) return failure;
  return launch_batches<ThresholdTensor>(
      count, make, [](const ThresholdTensor& tensor) { return tensor.count > 0 ? 1 : 0; },
      [&](const Batch<ThresholdTensor>& batch, int blocks) {
        return run_kernel(find_ties_kernel, blocks, kThreads, stream, batch, options);
      });
}

}  // namespace udc::kernels::cuda
