// Exact k-th magnitudes by radix selection: digits of 11, 10 and 10 bits of |w|. What the three
// counting passes, the selections after them and the breaking of ties share.
#ifndef UDC_KERNELS_CUDA_THRESHOLDS_CUH
#define UDC_KERNELS_CUDA_THRESHOLDS_CUH

#include "cuda/device.cuh"

namespace udc::kernels::cuda {

constexpr int kPasses = 3;
constexpr int kMost = UDC_KERNELS_MAX_OPTIONS;
constexpr int kMostDigits = 2048;
// Weights of one block in the passes over the weights: enough to pay for clearing and flushing its
// histogram, few enough to fill a large device from a few million weights on.
constexpr int64_t kTile = 32768;
constexpr int kTileThreads = 512;

__host__ __device__ constexpr int digits_of(int pass) { return pass == 0 ? 2048 : 1024; }

// Where the search for one sparsity stands; in the workspace.
struct Search {
  uint32_t wanted;   // survivors among the weights that share the prefix; 0 where nothing is sought
  uint32_t prefix;   // the digits of the threshold so far
  uint32_t matches;  // weights that share them
  uint32_t breaks_tie;
};

struct ThresholdTensor {
  const float* weights;
  int64_t count;
  float* thresholds;
  int64_t* tie_limits;
  uint32_t wanted[kMost];  // the number of survivors
  Search* searches;        // [kMost]
  uint32_t* counts;        // [kMost][kMostDigits], zero before and after each call
  uint32_t* tile_ties;     // [kMost][tiles]
};

struct Sparsities {
  int32_t count;
};

__device__ __forceinline__ int64_t tiles_of(const ThresholdTensor& tensor) {
  return divide_up(tensor.count, kTile);
}

// Sparsities that share a prefix share the histogram of the first of them.
__device__ __forceinline__ int group_of(const Search* searches, int s) {
  int group = 0;
  while (searches[group].wanted == 0 || searches[group].prefix != searches[s].prefix) group++;
  return group;
}

Failure launch_counts(int pass, const ThresholdTensor* tensors, int64_t count, Sparsities options,
                      cudaStream_t stream);
Failure launch_selection(int pass, const ThresholdTensor* tensors, int64_t count,
                         Sparsities options, cudaStream_t stream);
Failure launch_ties(const ThresholdTensor* tensors, int64_t count, Sparsities options,
                    cudaStream_t stream);

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_THRESHOLDS_CUH
