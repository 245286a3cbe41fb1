// What mixing forward and backward share: a tensor for the device, a channel's constants, and runs
// of weights on which every threshold is a plain comparison of bits.
#ifndef UDC_KERNELS_CUDA_MIX_CUH
#define UDC_KERNELS_CUDA_MIX_CUH

#include <type_traits>

#include "cuda/device.cuh"

namespace udc::kernels::cuda {

// Channels per partial sum of the mask gradient.
constexpr int64_t kRowsPerColumnSum = 32;

struct MixTensor {
  udc_mix_layer layer;
  Items items;
  // in the workspace, backward only
  double* block_sums;  // [bit_options + sparsity_options][blocks]
  float* part_sums;    // [items][bit_options + 1], if rows have several parts
  float* column_sums;  // [row parts][per_channel], if there is a mask gradient
};

// What all tensors of a call share, as the kernels want it.
struct MixConstants {
  float levels[UDC_KERNELS_MAX_OPTIONS];  // 2^(bits-1) - 1
  int32_t bit_options;
  int32_t sparsity_options;
  bool straight_through_mask;
};

MixConstants make_mix_constants(const Options& options);

// The constants of one channel. B and S are the numbers of options, known to the compiler so that
// all of this stays in registers. Without a quantizer, probability and weighted step are 0, which
// takes the option out of every result whatever the other fields say.
template <int B, int S>
struct MixChannel {
  float step[B];
  float inverse[B];
  float probability[B];
  float weighted_step[B];  // probability * step
  float sparsity_probability[S];
  int32_t threshold[S];  // a weight survives if its |bits| are greater
  float ceiling;         // no quantizer tells apart weights beyond it
  float mask;

  __device__ __forceinline__ void read(const udc_mix_layer& layer, const MixConstants& constants,
                                       int64_t channel) {
    mask = layer.channel_mask ? layer.channel_mask[channel] : 1.0f;
    ceiling = 0.0f;
#pragma unroll
    for (int b = 0; b < B; b++) {
      const float given = usable_step(layer, constants, channel, b);
      step[b] = given > 0.0f ? given : 1.0f;
      inverse[b] = __frcp_rn(step[b]);
      probability[b] = given > 0.0f ? layer.bit_probabilities[b] : 0.0f;
      weighted_step[b] = probability[b] * given;
      ceiling = fmaxf(ceiling, step[b] * (constants.levels[b] + 1.0f));
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      sparsity_probability[s] =
          s < constants.sparsity_options ? layer.sparsity_probabilities[s] : 0.0f;
    }
  }

  // 0 where there is no quantizer.
  __device__ __forceinline__ static float usable_step(const udc_mix_layer& layer,
                                                      const MixConstants& constants,
                                                      int64_t channel, int b) {
    if (b >= constants.bit_options) return 0.0f;
    const float step = layer.steps[channel * constants.bit_options + b];
    return is_usable_step(step) ? step : 0.0f;
  }

  // Sets the comparisons for weights from flat index first on; returns the first index, at most
  // end, from which they no longer hold because a tie limit lies between.
  __device__ __forceinline__ int64_t read_thresholds(const udc_mix_layer& layer,
                                                     const MixConstants& constants, int64_t first,
                                                     int64_t end) {
#pragma unroll
    for (int s = 0; s < S; s++) {
      threshold[s] = 0x7fffffff;
      if (s < constants.sparsity_options) {
        const int64_t tie_limit = layer.tie_limits[s];
        const int32_t bits = magnitude_bits(layer.thresholds[s]);
        threshold[s] = first <= tie_limit ? bits - 1 : bits;
        if (first <= tie_limit && tie_limit < end - 1) end = tie_limit + 1;
      }
    }
    return end;
  }
};

// Runs launch with the numbers of options as compile-time constants: the default ones, or the most.
template <typename Launch>
Failure for_options(const Options& options, const Launch& launch) {
  if (options.bit_options == 6 && options.sparsity_options == 5) {
    return launch(std::integral_constant<int, 6>{}, std::integral_constant<int, 5>{});
  }
  return launch(std::integral_constant<int, UDC_KERNELS_MAX_OPTIONS>{},
                std::integral_constant<int, UDC_KERNELS_MAX_OPTIONS>{});
}

// The parts of mix_backward, in the order of their launches.
MixTensor make_mix_tensor(const udc_mix_layer& layer);
Failure launch_mix_backward(const MixTensor* tensors, int64_t count, const Options& options,
                            cudaStream_t stream);
Failure launch_mix_finish(const MixTensor* tensors, int64_t count, const Options& options,
                          cudaStream_t stream);
Failure launch_mix_mask_gradient(const MixTensor* tensors, int64_t count, const Options& options,
                                 cudaStream_t stream);

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_MIX_CUH
