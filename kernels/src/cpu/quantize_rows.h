// Fake quantization of one run with one step; included once per instruction set.
#ifndef UDC_KERNELS_CPU_QUANTIZE_ROWS_H
#define UDC_KERNELS_CPU_QUANTIZE_ROWS_H

#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

// x = input / step, exact enough even where the input is infinite.
UDC_INLINE Floats in_steps(Floats input, const QuantizeRun& run) {
  const float bound = 131072.0f * run.quantizer.step;  // beyond every clamp of up to 16 bits
  const Floats cut = at_least(at_most(input, broadcast(bound)), broadcast(-bound));
  return quotient(cut, broadcast(run.quantizer.step), broadcast(run.quantizer.inverse));
}

UDC_INLINE Floats mask_at(const QuantizeRun& run, int64_t i, int64_t count) {
  if (!run.mask) return broadcast(1.0f);
  float lanes[kLanes] = {};
  if (count == kLanes) {
    for (int k = 0; k < kLanes; k++) lanes[k] = run.mask[i + k];
  } else {
    for (int64_t k = 0; k < count; k++) lanes[k] = run.mask[i + k];
  }
  return load(lanes);
}

UDC_INLINE Floats quantize_forward_block(const QuantizeRun& run, Floats input, Floats mask) {
  const Floats x = in_steps(input, run);
  const Floats clamped = at_least(at_most(x, broadcast(run.high)), broadcast(run.low));
  const Floats rounded = round_half_even(clamped) + broadcast(0.0f);  // no -0 of an instruction
  return rounded * run.quantizer.step * mask;
}

static void quantize_forward_run(const QuantizeRun& run) {
  int64_t i = 0;
  for (; i + kLanes <= run.count; i += kLanes) {
    const Floats mask = mask_at(run, i, kLanes);
    store(run.output + i, quantize_forward_block(run, load(run.input + i), mask));
  }
  if (i < run.count) {
    const int64_t count = run.count - i;
    const Floats mask = mask_at(run, i, count);
    const Floats input = load_some(run.input + i, count);
    store_some(run.output + i, quantize_forward_block(run, input, mask), count);
  }
}

UDC_INLINE Floats quantize_backward_block(const QuantizeRun& run, Floats input, Floats gradient,
                                          Floats mask, Floats* input_gradient) {
  gradient = input != input ? input : gradient;
  const Floats x = in_steps(input, run);
  const Floats clamped = at_least(at_most(x, broadcast(run.high)), broadcast(run.low));
  const Floats rounded = round_half_even(clamped);
  const Ints inside = (input >= run.low_limit) & (input <= run.high_limit);
  const Floats masked = gradient * mask;
  const Floats through = run.straight_through_mask ? gradient : masked;
  *input_gradient = through * float_of(inside & bits_of(broadcast(1.0f)));
  return masked * (rounded - float_of(inside & bits_of(x)));
}

static float quantize_backward_run(const QuantizeRun& run) {
  Floats steps = {};
  int64_t i = 0;
  for (; i + kLanes <= run.count; i += kLanes) {
    const Floats gradient = load(run.output_gradient + i);
    Floats result;
    steps += quantize_backward_block(run, load(run.input + i), gradient, mask_at(run, i, kLanes),
                                     &result);
    store(run.input_gradient + i, result);
  }
  if (i < run.count) {
    const int64_t count = run.count - i;
    const Floats gradient = load_some(run.output_gradient + i, count);
    Floats result;
    steps += quantize_backward_block(run, load_some(run.input + i, count), gradient,
                                     mask_at(run, i, count), &result);
    store_some(run.input_gradient + i, result, count);
  }
  return sum(steps);
}

static double sum_of_squares_run(const float* values, int64_t count) {
  typedef double Doubles __attribute__((vector_size(8 * kLanes)));
  Doubles sums = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Doubles wide = __builtin_convertvector(load(values + i), Doubles);
    sums += wide * wide;
  }
  double total = 0;
  for (; i < count; i++) total += static_cast<double>(values[i]) * values[i];
  for (int k = 0; k < kLanes; k++) total += sums[k];
  return total;
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_QUANTIZE_ROWS_H
