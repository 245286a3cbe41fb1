// How one launch covers many tensors: their descriptions travel as a kernel parameter, so nothing
// is copied to the device, a CUDA graph captures them by value, and blocks find theirs by binary
// search.
#ifndef UDC_KERNELS_CUDA_LAUNCH_CUH
#define UDC_KERNELS_CUDA_LAUNCH_CUH

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>

#include "backend.h"

namespace udc::kernels::cuda {

constexpr int kThreads = 256;
constexpr int kWarp = 32;
constexpr int kWarps = kThreads / kWarp;

// Tensors of one launch. At 208 bytes each they stay below half of the 32764 bytes of parameters
// that compute capability 7.0 and more accept; a network with more tensors takes more launches.
constexpr int kTensorsPerLaunch = 64;

template <typename Tensor>
struct Batch {
  Tensor tensors[kTensorsPerLaunch];
  int32_t first_block[kTensorsPerLaunch + 1];
  int32_t count;
};

// The tensor that a block works on: the last one whose first block is not beyond it.
template <typename Tensor>
__device__ __forceinline__ int tensor_of_block(const Batch<Tensor>& batch, int block) {
  int low = 0;
  int high = batch.count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (batch.first_block[middle] <= block) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Enqueues kernel(arguments...) on stream.
template <typename... Parameters, typename... Arguments>
Failure run_kernel(void (*kernel)(Parameters...), int blocks, int threads, cudaStream_t stream,
                   const Arguments&... arguments) {
  cudaLaunchConfig_t config = {};
  config.gridDim.x = static_cast<unsigned>(blocks);
  config.blockDim.x = static_cast<unsigned>(threads);
  config.stream = stream;
  const cudaError_t error = cudaLaunchKernelEx(&config, kernel, arguments...);
  return error == cudaSuccess ? nullptr : cudaGetErrorString(error);
}

// Calls launch(batch, blocks), which runs a kernel, for as few batches as hold all count tensors.
// make(index) describes a tensor for the device and blocks_of(tensor) gives its share of the grid,
// zero to leave it out.
template <typename Tensor, typename Make, typename BlocksOf, typename Launch>
Failure launch_batches(int64_t count, const Make& make, const BlocksOf& blocks_of,
                       const Launch& launch) {
  Batch<Tensor> batch;
  batch.count = 0;
  batch.first_block[0] = 0;
  const auto flush = [&]() -> Failure {
    if (batch.count == 0) return nullptr;
    const Failure failure = launch(batch, batch.first_block[batch.count]);
    batch.count = 0;
    return failure;
  };
  for (int64_t i = 0; i < count; i++) {
    const Tensor tensor = make(i);
    const int64_t blocks = blocks_of(tensor);
    if (blocks == 0) continue;
    const bool full =
        batch.count == kTensorsPerLaunch || batch.first_block[batch.count] + blocks > INT32_MAX;
    if (full) {
      const Failure failure = flush();
      if (failure) return failure;
    }
    if (blocks > INT32_MAX) return "a tensor has more elements than a grid has room for";
    batch.tensors[batch.count] = tensor;
    batch.first_block[batch.count + 1] =
        batch.first_block[batch.count] + static_cast<int32_t>(blocks);
    batch.count++;
  }
  return flush();
}

inline cudaStream_t stream_of(const Execution& execution) {
  return static_cast<cudaStream_t>(execution.stream);
}

__host__ __device__ constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// A tensor's rows cut into items that one warp works through: a row, or a part of a long one.
struct Items {
  int64_t rows;
  int64_t columns;
  int32_t parts;             // of a row
  int32_t columns_per_part;  // a multiple of 4
  int32_t per_block;         // a multiple of kWarps

  static Items of(int64_t rows, int64_t columns) {
    // 4096 weights repay reading a row's constants hundreds of times over; 8192 per block make
    // enough blocks to fill a large device from about a million weights on.
    constexpr int64_t kLongest = 4096;
    constexpr int64_t kPerBlock = 8192;
    Items items = {rows, columns, 0, 4, kWarps};
    if (rows == 0 || columns == 0) return items;
    const int64_t parts = divide_up(columns, kLongest);
    items.columns_per_part = static_cast<int32_t>(divide_up(divide_up(columns, parts), 4) * 4);
    items.parts = static_cast<int32_t>(divide_up(columns, items.columns_per_part));
    const int64_t warps_share =
        divide_up(kPerBlock, kWarps * std::min<int64_t>(columns, items.columns_per_part));
    items.per_block = static_cast<int32_t>(kWarps * warps_share);
    return items;
  }

  __host__ __device__ int64_t count() const { return rows * parts; }
  __host__ __device__ int64_t blocks() const { return divide_up(count(), per_block); }
};

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_LAUNCH_CUH
