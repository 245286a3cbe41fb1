// Device code that the kernels share: wide accesses at any alignment, the quantizer, reductions.
#ifndef UDC_KERNELS_CUDA_DEVICE_CUH
#define UDC_KERNELS_CUDA_DEVICE_CUH

#include "cuda/launch.cuh"

namespace udc::kernels::cuda {

constexpr float kRoundingShift = 12582912.0f;  // 1.5 * 2^23: adding and subtracting it rounds
constexpr unsigned kAllLanes = 0xffffffffu;

// The count elements from first on as groups of four that start at 16-byte addresses; the first and
// the last group may be partial. Groups are placed by one array, and an array at another alignment
// is accessed by single elements, which stay coalesced. Indices count from first.
struct Groups {
  int start;  // of the first group: 0 or up to three elements before
  int count;

  __device__ Groups(const float* first, int elements)
      : start(-static_cast<int>((reinterpret_cast<uintptr_t>(first) >> 2) & 3)), count(elements) {}

  __device__ bool full(int i) const { return i >= 0 && i + 4 <= count; }
  __device__ bool holds(int i) const { return i >= 0 && i < count; }
};

__device__ __forceinline__ bool is_wide(const void* address) {
  return (reinterpret_cast<uintptr_t>(address) & 15) == 0;
}

__device__ __forceinline__ void load_group(const float* from, int i, const Groups& groups,
                                           float* values) {
  if (groups.full(i) && is_wide(from + i)) {
    const float4 group = *reinterpret_cast<const float4*>(from + i);
    values[0] = group.x;
    values[1] = group.y;
    values[2] = group.z;
    values[3] = group.w;
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++) values[k] = groups.holds(i + k) ? from[i + k] : 0.0f;
  }
}

__device__ __forceinline__ void store_group(float* to, int i, const Groups& groups,
                                            const float* values) {
  if (groups.full(i) && is_wide(to + i)) {
    // A plain assignment would be merged with the branch below into single stores.
    __stcg(reinterpret_cast<float4*>(to + i),
           make_float4(values[0], values[1], values[2], values[3]));
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (groups.holds(i + k)) to[i + k] = values[k];
    }
  }
}

__device__ __forceinline__ int32_t magnitude_bits(float value) {
  return __float_as_int(value) & 0x7fffffff;
}

__device__ __forceinline__ bool is_nan(float value) { return magnitude_bits(value) > 0x7f800000; }

__device__ __forceinline__ bool is_usable_step(float step) {
  return step >= 0x1p-50f && step <= 0x1p50f;
}

// numerator / denominator rounded to float, by one Newton step on the product with the inverse.
__device__ __forceinline__ float quotient(float numerator, float denominator, float inverse) {
  const float guess = numerator * inverse;
  return fmaf(fmaf(-guess, denominator, numerator), inverse, guess);
}

__device__ __forceinline__ float round_half_even(float value) {
  return __fsub_rn(__fadd_rn(value, kRoundingShift), kRoundingShift);
}

// Sum over the lanes of a warp, by a tree of fixed shape; every lane gets it.
template <typename T>
__device__ __forceinline__ T warp_sum(T value) {
#pragma unroll
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, offset);
  }
  return value;
}

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_DEVICE_CUH
