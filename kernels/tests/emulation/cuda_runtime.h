// The part of CUDA that the kernels use, on the CPU: with this header in place of the toolkit's, a
// C++ compiler builds src/cuda as it stands, and the tests run it on machines without a GPU. It
// shows that indices, sums and synchronisation are right (block.h), and nothing about speed.
#ifndef UDC_KERNELS_EMULATION_CUDA_RUNTIME_H
#define UDC_KERNELS_EMULATION_CUDA_RUNTIME_H

#include <math.h>
#include <stdint.h>

#include <algorithm>
#include <cstring>

#include "block.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)
// Threads of a block run on one thread of the host, and blocks one after another.
#define __shared__ static thread_local

// ---- the runtime ------------------------------------------------------------------------------

enum cudaError_t { cudaSuccess, cudaErrorInvalidConfiguration, cudaErrorLaunchTimeout };
enum cudaDeviceAttr { cudaDevAttrComputeCapabilityMajor };
using cudaStream_t = struct Stream*;

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  cudaStream_t stream = nullptr;
};

inline const char* cudaGetErrorString(cudaError_t error) {
  if (error == cudaErrorInvalidConfiguration) return "invalid configuration argument";
  return error == cudaSuccess ? "no error" : "threads of a block wait for each other in vain";
}

inline cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}

inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = 8;
  return cudaSuccess;
}

inline cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t) {
  if (bytes > 0) std::memset(memory, value, bytes);
  return cudaSuccess;
}

// Runs the whole grid before it returns.
template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               const Arguments&... arguments) {
  if (config->gridDim.x == 0 || config->gridDim.x > INT32_MAX) return cudaErrorInvalidConfiguration;
  if (config->blockDim.x == 0 || config->blockDim.x > 1024) return cudaErrorInvalidConfiguration;
  const bool complete = udc::emulation::run_grid(config->gridDim.x, config->blockDim.x,
                                                 [&] { kernel(arguments...); });
  return complete ? cudaSuccess : cudaErrorLaunchTimeout;
}

// ---- device code ------------------------------------------------------------------------------

#define threadIdx (udc::emulation::thread_index())
#define blockIdx (udc::emulation::block_index())

struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(4) uchar4 {
  unsigned char x, y, z, w;
};

using std::min;

inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline void __stcg(float4* to, float4 value) { *to = value; }

template <typename To, typename From>
To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To result;
  std::memcpy(&result, &value, sizeof(To));
  return result;
}
inline int __float_as_int(float value) { return bits_as<int>(value); }
inline float __int_as_float(int value) { return bits_as<float>(value); }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __frcp_rn(float value) { return 1.0f / value; }
inline int __popc(unsigned value) { return __builtin_popcount(value); }

inline uint32_t atomicAdd(uint32_t* to, uint32_t value) {
  const uint32_t before = *to;
  *to += value;
  return before;
}

inline void __syncthreads() { udc::emulation::wait_for_block(); }
inline void __syncwarp() { udc::emulation::wait_for_warp(); }

// All kernels name all lanes, so the mask needs no look.
template <typename T>
T from_lane(T own, int lane) {
  uint64_t bits = 0;
  std::memcpy(&bits, &own, sizeof(T));
  const uint64_t other = udc::emulation::exchange(bits)[lane];
  std::memcpy(&own, &other, sizeof(T));
  return own;
}

template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  return from_lane(value, static_cast<int>(threadIdx.x % udc::emulation::kLanes) ^ mask);
}

// Lanes without one that many below keep their own.
template <typename T>
T __shfl_up_sync(unsigned, T value, int below) {
  const int lane = static_cast<int>(threadIdx.x % udc::emulation::kLanes);
  return from_lane(value, lane >= below ? lane - below : lane);
}

inline unsigned __ballot_sync(unsigned, bool vote) {
  const auto& votes = udc::emulation::exchange(vote);
  unsigned result = 0;
  for (unsigned i = 0; i < udc::emulation::kLanes; i++) result |= votes[i] ? 1u << i : 0;
  return result;
}

#endif  // UDC_KERNELS_EMULATION_CUDA_RUNTIME_H
