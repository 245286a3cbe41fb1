// Mixing of bit widths and sparsities over one run; included once per instruction set.
#ifndef UDC_KERNELS_CPU_MIX_ROWS_H
#define UDC_KERNELS_CPU_MIX_ROWS_H

#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

constexpr int32_t kMagnitudeBits = 0x7fffffff;

template <int U>
UDC_INLINE void climb(const Ladder& ladder, const Ints* magnitude_bits, Floats* value) {
  for (int u = 0; u < U; u++) value[u] = broadcast(ladder.base);
  for (int r = 0; r < ladder.rungs; r++) {
    const Ints rung = broadcast(ladder.bits[r]);
    const Floats above = broadcast(ladder.above[r]);
    for (int u = 0; u < U; u++) value[u] = magnitude_bits[u] > rung ? above : value[u];
  }
}

// U vectors at once, so that the constants of an option are loaded once for all of them and so that
// several independent chains hide the latency of the arithmetic.
template <int U>
struct MixBlock {
  Floats magnitude[U];  // |w|, cut at the ceiling
  Ints magnitude_bits[U];
  Ints sign[U];
  Floats survival[U];  // M

  UDC_INLINE void prepare(const MixRun& run, const Floats* weights, MixBlock* block) {
    for (int u = 0; u < U; u++) {
      block->magnitude_bits[u] = bits_of(weights[u]) & kMagnitudeBits;
      block->sign[u] = bits_of(weights[u]) & ~kMagnitudeBits;
      block->magnitude[u] = at_most(float_of(block->magnitude_bits[u]), broadcast(run.ceiling));
    }
    climb<U>(run.survival, block->magnitude_bits, block->survival);
  }
};

template <int U, bool kMasked>
UDC_INLINE void mix_forward_block(const MixRun& run, const Floats* weights, const Floats* mask,
                                  Floats* mixed) {
  MixBlock<U> block;
  MixBlock<U>::prepare(run, weights, &block);
  Floats value[U];
  climb<U>(run.ternary, block.magnitude_bits, value);
  for (int b = 0; b < run.bit_options; b++) {
    if (run.is_ternary[b]) continue;
    const Floats step = broadcast(run.quantizers[b].step);
    const Floats inverse = broadcast(run.quantizers[b].inverse);
    const Floats levels = broadcast(run.quantizers[b].levels);
    const Floats weighted_step = broadcast(run.weighted_steps[b]);
    for (int u = 0; u < U; u++) {
      const Floats x = at_most(quotient(block.magnitude[u], step, inverse), levels);
      value[u] += round_half_even(x) * weighted_step;
    }
  }
  const Floats channel_mask = broadcast(run.channel_mask);
  for (int u = 0; u < U; u++) {
    const Floats signed_value = float_of(bits_of(value[u]) ^ block.sign[u]);
    const Floats scale = kMasked ? mask[u] * channel_mask : channel_mask;
    mixed[u] = signed_value * block.survival[u] * scale;
  }
}

template <bool kMasked>
UDC_INLINE void mix_forward_columns(const MixRun& run) {
  constexpr int kBlock = 4;
  int64_t i = 0;
  for (; i + kBlock * kLanes <= run.count; i += kBlock * kLanes) {
    Floats weights[kBlock], mask[kBlock], mixed[kBlock];
    for (int u = 0; u < kBlock; u++) {
      weights[u] = load(run.weights + i + u * kLanes);
      if (kMasked) mask[u] = load(run.mask + i + u * kLanes);
    }
    mix_forward_block<kBlock, kMasked>(run, weights, mask, mixed);
    for (int u = 0; u < kBlock; u++) store(run.mixed + i + u * kLanes, mixed[u]);
  }
  for (; i < run.count; i += kLanes) {
    const int64_t count = run.count - i < kLanes ? run.count - i : kLanes;
    const Floats weights = load_some(run.weights + i, count);
    const Floats mask = kMasked ? load_some(run.mask + i, count) : Floats{};
    Floats mixed;
    mix_forward_block<1, kMasked>(run, &weights, &mask, &mixed);
    store_some(run.mixed + i, mixed, count);
  }
}

static void mix_forward_run(const MixRun& run) {
  if (run.mask) {
    mix_forward_columns<true>(run);
  } else {
    mix_forward_columns<false>(run);
  }
}

// The sums of a run while it is being read, one per lane.
struct MixLanes {
  Floats bits[UDC_KERNELS_MAX_OPTIONS];
  Floats steps[UDC_KERNELS_MAX_OPTIONS];
  Floats sparsities[UDC_KERNELS_MAX_OPTIONS];
};

// kMasked: there is a mask, or its gradient is wanted.
template <int U, bool kMasked, bool kSteps>
UDC_INLINE void mix_backward_block(const MixRun& run, const Floats* weights, const Floats* mask,
                                   const Floats* mixed_gradient, Floats* weight_gradient,
                                   Floats* column_gradient, MixLanes* lanes) {
  MixBlock<U> block;
  MixBlock<U>::prepare(run, weights, &block);
  // Everything below is odd in w, so the sign moves to the gradient and magnitudes do the rest.
  Floats signed_gradient[U], masked[U], kept[U], value[U] = {}, inside_probability[U];
  for (int u = 0; u < U; u++) {
    const Floats gradient = weights[u] != weights[u] ? weights[u] : mixed_gradient[u];
    signed_gradient[u] = float_of(bits_of(gradient) ^ block.sign[u]);
    masked[u] = kMasked ? signed_gradient[u] * mask[u] : signed_gradient[u];
    kept[u] = masked[u] * block.survival[u];
  }
  for (int b = 0; b < run.bit_options; b++) {
    const Floats step = broadcast(run.quantizers[b].step);
    const Floats inverse = broadcast(run.quantizers[b].inverse);
    const Floats levels = broadcast(run.quantizers[b].levels);
    const Floats limit = broadcast(run.quantizers[b].limit);
    const Floats weighted_step = broadcast(run.weighted_steps[b]);
    Floats bits = {}, steps = {};
    for (int u = 0; u < U; u++) {
      const Floats x = at_most(quotient(block.magnitude[u], step, inverse), levels);
      const Floats rounded = round_half_even(x);
      value[u] += rounded * weighted_step;
      bits += kept[u] * rounded;
      if (kSteps) {
        const Ints inside = block.magnitude[u] <= limit;
        steps += kept[u] * (rounded - float_of(inside & bits_of(x)));
      }
    }
    lanes->bits[b] += bits;
    if (kSteps) lanes->steps[b] += steps;
  }
  for (int s = 0; s < run.sparsity_options; s++) {
    const Ints threshold = broadcast(run.threshold_bits[s]);
    Floats survivors = {};
    for (int u = 0; u < U; u++) {
      survivors += float_of((block.magnitude_bits[u] > threshold) & bits_of(masked[u] * value[u]));
    }
    lanes->sparsities[s] += survivors;
  }
  climb<U>(run.inside, block.magnitude_bits, inside_probability);
  for (int u = 0; u < U; u++) {
    const Floats through = run.straight_through_mask ? masked[u] : kept[u];
    weight_gradient[u] = float_of(bits_of(through) ^ block.sign[u]) * inside_probability[u];
    if (kMasked) {
      column_gradient[u] =
          signed_gradient[u] * broadcast(run.channel_mask) * block.survival[u] * value[u];
    }
  }
}

template <bool kMasked, bool kSteps>
UDC_INLINE void mix_backward_columns(const MixRun& run, MixLanes* lanes) {
  constexpr int kBlock = 4;
  const Floats one = broadcast(1.0f);
  int64_t i = 0;
  for (; i + kBlock * kLanes <= run.count; i += kBlock * kLanes) {
    Floats weights[kBlock], mask[kBlock], gradient[kBlock], result[kBlock], column[kBlock];
    for (int u = 0; u < kBlock; u++) {
      weights[u] = load(run.weights + i + u * kLanes);
      if (kMasked) mask[u] = run.mask ? load(run.mask + i + u * kLanes) : one;
      gradient[u] = load(run.mixed_gradient + i + u * kLanes);
    }
    mix_backward_block<kBlock, kMasked, kSteps>(run, weights, mask, gradient, result, column,
                                                lanes);
    for (int u = 0; u < kBlock; u++) {
      store(run.weight_gradient + i + u * kLanes, result[u]);
      if (kMasked && run.column_gradient) {
        float* columns = run.column_gradient + i + u * kLanes;
        store(columns, load(columns) + column[u]);
      }
    }
  }
  for (; i < run.count; i += kLanes) {
    const int64_t count = run.count - i < kLanes ? run.count - i : kLanes;
    const Floats weights = load_some(run.weights + i, count);
    const Floats mask = run.mask ? load_some(run.mask + i, count) : one;
    const Floats gradient = load_some(run.mixed_gradient + i, count);
    Floats result, column;
    mix_backward_block<1, kMasked, kSteps>(run, &weights, &mask, &gradient, &result, &column,
                                           lanes);
    store_some(run.weight_gradient + i, result, count);
    if (kMasked && run.column_gradient) {
      float* columns = run.column_gradient + i;
      store_some(columns, load_some(columns, count) + column, count);
    }
  }
}

static void mix_backward_run(const MixRun& run, MixSums* sums) {
  MixLanes lanes = {};
  const bool masked = run.mask || run.column_gradient;
  if (masked && run.sums_steps) {
    mix_backward_columns<true, true>(run, &lanes);
  } else if (masked) {
    mix_backward_columns<true, false>(run, &lanes);
  } else if (run.sums_steps) {
    mix_backward_columns<false, true>(run, &lanes);
  } else {
    mix_backward_columns<false, false>(run, &lanes);
  }
  for (int b = 0; b < run.bit_options; b++) {
    sums->bits[b] = sum(lanes.bits[b]);
    sums->steps[b] = sum(lanes.steps[b]);
  }
  for (int s = 0; s < run.sparsity_options; s++) sums->sparsities[s] = sum(lanes.sparsities[s]);
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_MIX_ROWS_H
