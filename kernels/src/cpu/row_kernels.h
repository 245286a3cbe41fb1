// The inner loops, over one run of weights of one output channel, once per instruction set.
#ifndef UDC_KERNELS_CPU_ROW_KERNELS_H
#define UDC_KERNELS_CPU_ROW_KERNELS_H

#include <stdint.h>

#include "udc/kernels.h"

namespace udc::kernels::cpu {

// What the quantizer of one channel and bit width needs; see make_quantizer.
struct Quantizer {
  float step;
  float inverse;  // 1 / step
  float levels;   // 2^(bits-1) - 1
  float limit;    // step * levels, the largest weight inside the range; -1 without a quantizer
};

// A function of a magnitude: base, or above[r] of the last rung r whose bits its own exceed.
struct Ladder {
  int32_t rungs;
  float base;
  int32_t bits[UDC_KERNELS_MAX_OPTIONS];  // ascending
  float above[UDC_KERNELS_MAX_OPTIONS];
};

// One run of weights, all of one channel, on which every threshold is a plain comparison of bits.
struct MixRun {
  const float* weights;
  const float* mask;  // of the run's first position, or NULL
  float channel_mask;
  int64_t count;
  int32_t bit_options;
  int32_t sparsity_options;
  Quantizer quantizers[UDC_KERNELS_MAX_OPTIONS];
  float bit_probabilities[UDC_KERNELS_MAX_OPTIONS];
  float weighted_steps[UDC_KERNELS_MAX_OPTIONS];  // probability * step, 0 without a quantizer
  float ceiling;                                  // no quantizer tells apart weights beyond it
  float sparsity_probabilities[UDC_KERNELS_MAX_OPTIONS];
  int32_t threshold_bits[UDC_KERNELS_MAX_OPTIONS];  // a weight survives if its |bits| are greater
  Ladder survival;                                  // M
  // forward
  bool is_ternary[UDC_KERNELS_MAX_OPTIONS];  // the option's share of V is in the ladder
  Ladder ternary;
  float* mixed;
  // backward
  Ladder inside;  // channel_mask * sum of the probabilities of the options with |w| in range
  const float* mixed_gradient;
  float* weight_gradient;
  float* column_gradient;  // accumulated into, of the run's first position, or NULL
  bool straight_through_mask;
  bool sums_steps;  // whether MixSums.steps are wanted
};

// Sums over a run, without the channel's mask and without steps and probabilities.
struct MixSums {
  float bits[UDC_KERNELS_MAX_OPTIONS];        // G * mask * M * round(x)
  float steps[UDC_KERNELS_MAX_OPTIONS];       // G * mask * M * (in ? round(x) - x : +-L)
  float sparsities[UDC_KERNELS_MAX_OPTIONS];  // G * mask * survives * V
};

struct QuantizeRun {
  const float* input;
  const uint8_t* mask;  // or NULL
  int64_t count;
  Quantizer quantizer;
  float low;  // the clamp of round(x): -levels and levels for weights
  float high;
  float low_limit;  // inputs between these are in range; low > high without a quantizer
  float high_limit;
  float* output;
  const float* output_gradient;
  float* input_gradient;
  bool straight_through_mask;
};

// A row of a picture that is to be made from another map of it; see depthwise_rows.h.
struct DepthwiseRow {
  int64_t index;
  const float* weights;  // [kernel * kernel][channels]
  const float* from;     // the picture's other map
  float* to;             // the row
  bool accumulate;       // whether the row is added to
};

// Elements of the maps of a normalized sum, seen as rows of one period or several; see
// cpu/normalized_sum.cpp. Arrays of a period, [width], say what happens in each column.
struct NormalizedRun {
  int64_t count;  // elements; the last row may be cut off
  int64_t width;
  int32_t terms;
  const float* maps[UDC_KERNELS_MAX_TERMS];
  bool rectify;
  // forward: output = residual + sum of scales * map, + shifts
  const float* scales[UDC_KERNELS_MAX_TERMS];
  const float* shifts;
  const float* residual;  // or NULL
  float* output;          // backward reads it if rectify
  // backward: map gradient = scales * G + slopes * map + offsets
  const float* output_gradient;
  const float* slopes[UDC_KERNELS_MAX_TERMS];   // NULL with given statistics, as offsets
  const float* offsets[UDC_KERNELS_MAX_TERMS];  // in the sums: the means
  float* map_gradients[UDC_KERNELS_MAX_TERMS];  // or NULL
  float* residual_gradient;                     // or NULL
};

struct RowKernels {
  void (*mix_forward)(const MixRun&);
  // At most kMaxBackwardRun weights: the sums are floats.
  void (*mix_backward)(const MixRun&, MixSums*);
  void (*quantize_forward)(const QuantizeRun&);
  // Returns the sum of output_gradient * mask * (in ? round(x) - x : low or high).
  float (*quantize_backward)(const QuantizeRun&);
  double (*sum_of_squares)(const float* values, int64_t count);
  void (*depthwise_forward)(const udc_depthwise&, const DepthwiseRow&);   // a row of the output
  void (*depthwise_backward)(const udc_depthwise&, const DepthwiseRow&);  // of the input's gradient
  // Adds the gradient of the weights, [kernel * kernel][channels], from one picture.
  void (*depthwise_weights)(const udc_depthwise&, const float* input, const float* gradient,
                            float* weights);
  // Adds to sums, [2][width], those of the first map - pivots and of its square.
  void (*normalized_moments)(const NormalizedRun&, const float* pivots, float* sums);
  void (*normalized_forward)(const NormalizedRun&);
  // Adds to sums, [1 + terms][width], those of G and of G * (map - offsets); one or two terms.
  void (*normalized_sums)(const NormalizedRun&, float* sums);
  void (*normalized_backward)(const NormalizedRun&);
};

constexpr int64_t kMaxBackwardRun = 1024;

const RowKernels& portable_row_kernels();
#ifdef UDC_KERNELS_HAVE_X86
const RowKernels& avx2_row_kernels();
const RowKernels& avx512_row_kernels();
#endif

// The fastest that this machine runs and the caller allows.
const RowKernels& row_kernels(const udc_kernels_execution& execution);

// Levels L = 2^(bits-1) - 1. A step outside [2^-50, 2^50] gives a quantizer that maps all to zero.
inline Quantizer make_quantizer(float step, int32_t bits) {
  const bool valid = step >= 0x1p-50f && step <= 0x1p50f;
  if (!valid) return {1.0f, 1.0f, 0.0f, -1.0f};
  const float levels = static_cast<float>((1 << (bits - 1)) - 1);
  return {step, 1.0f / step, levels, step * levels};
}

inline bool is_valid(const Quantizer& quantizer) { return quantizer.limit >= 0; }

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_ROW_KERNELS_H
