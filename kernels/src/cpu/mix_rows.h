// Mixing of bit widths and sparsities over one run; included once per instruction set.
#ifndef UDC_KERNELS_CPU_MIX_ROWS_H
#define UDC_KERNELS_CPU_MIX_ROWS_H

#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

constexpr int32_t kMagnitudeBits = 0x7fffffff;

// U vectors at once, so that the constants of an option are loaded once for all of them and so that
// several independent chains hide the latency of the arithmetic.
template <int U>
struct MixBlock {
  Floats magnitude[U];  // |w|, cut at the ceiling
  Ints magnitude_bits[U];
  Ints sign[U];
  Floats mask[U];  // M

  UDC_INLINE void prepare(const MixRun& run, const Floats* weights, MixBlock* block) {
    for (int u = 0; u < U; u++) {
      block->magnitude_bits[u] = bits_of(weights[u]) & kMagnitudeBits;
      block->sign[u] = bits_of(weights[u]) & ~kMagnitudeBits;
      block->magnitude[u] = at_most(float_of(block->magnitude_bits[u]), broadcast(run.ceiling));
      block->mask[u] = Floats{};
    }
    for (int s = 0; s < run.sparsity_options; s++) {
      const Ints threshold = broadcast(run.threshold_bits[s]);
      const Ints probability = bits_of(broadcast(run.sparsity_probabilities[s]));
      for (int u = 0; u < U; u++) {
        block->mask[u] += float_of((block->magnitude_bits[u] > threshold) & probability);
      }
    }
  }
};

template <int U>
UDC_INLINE void mix_forward_block(const MixRun& run, const Floats* weights, const Floats* mask,
                                  Floats* mixed) {
  MixBlock<U> block;
  MixBlock<U>::prepare(run, weights, &block);
  Floats value[U] = {};
  for (int b = 0; b < run.bit_options; b++) {
    const Floats step = broadcast(run.quantizers[b].step);
    const Floats inverse = broadcast(run.quantizers[b].inverse);
    const Floats levels = broadcast(run.quantizers[b].levels);
    const Floats weighted_step = broadcast(run.weighted_steps[b]);
    for (int u = 0; u < U; u++) {
      const Floats x = at_most(quotient(block.magnitude[u], step, inverse), levels);
      value[u] += round_half_even(x) * weighted_step;
    }
  }
  for (int u = 0; u < U; u++) {
    const Floats signed_value = float_of(bits_of(value[u]) ^ block.sign[u]);
    mixed[u] = signed_value * block.mask[u] * (mask[u] * run.channel_mask);
  }
}

static void mix_forward_run(const MixRun& run) {
  constexpr int kBlock = 4;
  int64_t i = 0;
  for (; i + kBlock * kLanes <= run.count; i += kBlock * kLanes) {
    Floats weights[kBlock], mask[kBlock], mixed[kBlock];
    for (int u = 0; u < kBlock; u++) {
      weights[u] = load(run.weights + i + u * kLanes);
      mask[u] = run.mask ? load(run.mask + i + u * kLanes) : broadcast(1.0f);
    }
    mix_forward_block<kBlock>(run, weights, mask, mixed);
    for (int u = 0; u < kBlock; u++) store(run.mixed + i + u * kLanes, mixed[u]);
  }
  for (; i < run.count; i += kLanes) {
    const int64_t count = run.count - i < kLanes ? run.count - i : kLanes;
    const Floats weights = load_some(run.weights + i, count);
    const Floats mask = run.mask ? load_some(run.mask + i, count) : broadcast(1.0f);
    Floats mixed;
    mix_forward_block<1>(run, &weights, &mask, &mixed);
    store_some(run.mixed + i, mixed, count);
  }
}

// The sums of a run while it is being read, one per lane.
struct MixLanes {
  Floats bits[UDC_KERNELS_MAX_OPTIONS];
  Floats steps[UDC_KERNELS_MAX_OPTIONS];
  Floats sparsities[UDC_KERNELS_MAX_OPTIONS];
  Floats channel;
};

template <int U>
UDC_INLINE void mix_backward_block(const MixRun& run, const Floats* weights, const Floats* mask,
                                   const Floats* mixed_gradient, Floats* weight_gradient,
                                   Floats* column_gradient, MixLanes* lanes) {
  MixBlock<U> block;
  MixBlock<U>::prepare(run, weights, &block);
  // Everything below is odd in w, so the sign moves to the gradient and magnitudes do the rest.
  Floats signed_gradient[U], masked[U], kept[U], value[U] = {}, inside_probability[U] = {};
  for (int u = 0; u < U; u++) {
    const Floats gradient = weights[u] != weights[u] ? weights[u] : mixed_gradient[u];
    signed_gradient[u] = float_of(bits_of(gradient) ^ block.sign[u]);
    masked[u] = signed_gradient[u] * mask[u];
    kept[u] = masked[u] * block.mask[u];
  }
  for (int b = 0; b < run.bit_options; b++) {
    const Floats step = broadcast(run.quantizers[b].step);
    const Floats inverse = broadcast(run.quantizers[b].inverse);
    const Floats levels = broadcast(run.quantizers[b].levels);
    const Floats limit = broadcast(run.quantizers[b].limit);
    const Floats weighted_step = broadcast(run.weighted_steps[b]);
    const Ints probability = bits_of(broadcast(run.bit_probabilities[b]));
    Floats bits = {}, steps = {};
    for (int u = 0; u < U; u++) {
      const Floats x = at_most(quotient(block.magnitude[u], step, inverse), levels);
      const Floats rounded = round_half_even(x);
      const Ints inside = block.magnitude[u] <= limit;
      value[u] += rounded * weighted_step;
      inside_probability[u] += float_of(inside & probability);
      bits += kept[u] * rounded;
      steps += kept[u] * (rounded - float_of(inside & bits_of(x)));
    }
    lanes->bits[b] += bits;
    lanes->steps[b] += steps;
  }
  for (int s = 0; s < run.sparsity_options; s++) {
    const Ints threshold = broadcast(run.threshold_bits[s]);
    Floats survivors = {};
    for (int u = 0; u < U; u++) {
      survivors += float_of((block.magnitude_bits[u] > threshold) & bits_of(masked[u] * value[u]));
    }
    lanes->sparsities[s] += survivors;
  }
  Floats channel = {};
  for (int u = 0; u < U; u++) {
    channel += kept[u] * value[u];
    column_gradient[u] = signed_gradient[u] * run.channel_mask * block.mask[u] * value[u];
    const Floats through = run.straight_through_mask ? masked[u] : kept[u];
    weight_gradient[u] =
        float_of(bits_of(through) ^ block.sign[u]) * run.channel_mask * inside_probability[u];
  }
  lanes->channel += channel;
}

static void mix_backward_run(const MixRun& run, MixSums* sums) {
  constexpr int kBlock = 4;
  MixLanes lanes = {};
  int64_t i = 0;
  for (; i + kBlock * kLanes <= run.count; i += kBlock * kLanes) {
    Floats weights[kBlock], mask[kBlock], gradient[kBlock], result[kBlock], column[kBlock];
    for (int u = 0; u < kBlock; u++) {
      weights[u] = load(run.weights + i + u * kLanes);
      mask[u] = run.mask ? load(run.mask + i + u * kLanes) : broadcast(1.0f);
      gradient[u] = load(run.mixed_gradient + i + u * kLanes);
    }
    mix_backward_block<kBlock>(run, weights, mask, gradient, result, column, &lanes);
    for (int u = 0; u < kBlock; u++) {
      store(run.weight_gradient + i + u * kLanes, result[u]);
      if (run.column_gradient) {
        float* columns = run.column_gradient + i + u * kLanes;
        store(columns, load(columns) + column[u]);
      }
    }
  }
  for (; i < run.count; i += kLanes) {
    const int64_t count = run.count - i < kLanes ? run.count - i : kLanes;
    const Floats weights = load_some(run.weights + i, count);
    const Floats mask = run.mask ? load_some(run.mask + i, count) : broadcast(1.0f);
    const Floats gradient = load_some(run.mixed_gradient + i, count);
    Floats result, column;
    mix_backward_block<1>(run, &weights, &mask, &gradient, &result, &column, &lanes);
    store_some(run.weight_gradient + i, result, count);
    if (run.column_gradient) {
      float* columns = run.column_gradient + i;
      store_some(columns, load_some(columns, count) + column, count);
    }
  }
  for (int b = 0; b < run.bit_options; b++) {
    sums->bits[b] = sum(lanes.bits[b]);
    sums->steps[b] = sum(lanes.steps[b]);
  }
  for (int s = 0; s < run.sparsity_options; s++) sums->sparsities[s] = sum(lanes.sparsities[s]);
  sums->channel = sum(lanes.channel);
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_MIX_ROWS_H
