// Fixed-bit quantization of weights and of activations, which are one row with one step.
#ifndef UDC_KERNELS_CUDA_QUANTIZE_CUH
#define UDC_KERNELS_CUDA_QUANTIZE_CUH

#include "cuda/device.cuh"

namespace udc::kernels::cuda {

struct QuantizeTensor {
  const float* input;
  const float* steps;         // [rows]
  const uint8_t* mask;        // or NULL
  const int32_t* zero_point;  // or NULL
  float* output;
  const float* output_gradient;
  float* input_gradient;
  float* step_gradient;  // or NULL
  Items items;
  float low;  // the clamp, before the zero point is taken off
  float high;
  int32_t straight_through_mask;
  double* part_sums;  // [items], in the workspace
};

QuantizeTensor make_quantize_tensor(const udc_quantize_layer& layer);
QuantizeTensor make_quantize_tensor(const udc_activation_tensor& tensor);

// A row's step and clamps; without a usable step all is clamped to zero and nothing is in range.
struct QuantizeRow {
  float step;
  float inverse;
  float low;
  float high;
  float low_limit;
  float high_limit;

  __device__ __forceinline__ QuantizeRow(const QuantizeTensor& tensor, int64_t row) {
    const float given = tensor.steps[row];
    const bool usable = is_usable_step(given);
    const float zero_point = tensor.zero_point ? static_cast<float>(*tensor.zero_point) : 0.0f;
    step = usable ? given : 1.0f;
    inverse = __frcp_rn(step);
    low = usable ? tensor.low - zero_point : 0.0f;
    high = usable ? tensor.high - zero_point : 0.0f;
    low_limit = usable ? step * low : 1.0f;
    high_limit = usable ? step * high : -1.0f;
  }

  // input / step, with infinite inputs brought to just beyond every clamp.
  __device__ __forceinline__ float in_steps(float input) const {
    const float bound = 131072.0f * step;
    return quotient(fminf(fmaxf(input, -bound), bound), step, inverse);
  }
  __device__ __forceinline__ float clamp(float x) const { return fminf(fmaxf(x, low), high); }
  __device__ __forceinline__ bool inside(float input) const {
    return input >= low_limit && input <= high_limit;
  }
};

__device__ __forceinline__ void load_mask(const uint8_t* mask, int i, const Groups& groups,
                                          float* values) {
  if (!mask) {
#pragma unroll
    for (int k = 0; k < 4; k++) values[k] = 1.0f;
  } else if (groups.full(i) && (reinterpret_cast<uintptr_t>(mask + i) & 3) == 0) {
    const uchar4 group = *reinterpret_cast<const uchar4*>(mask + i);
    values[0] = group.x;
    values[1] = group.y;
    values[2] = group.z;
    values[3] = group.w;
  } else {
#pragma unroll
    for (int k = 0; k < 4; k++) {
      values[k] = groups.holds(i + k) ? static_cast<float>(mask[i + k]) : 0.0f;
    }
  }
}

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_QUANTIZE_CUH
