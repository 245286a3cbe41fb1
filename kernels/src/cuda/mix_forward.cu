// mix forward. Traffic per weight: 4 bytes read (w), 4 written (W_eff); per channel the steps, per
// item of up to 4096 weights the probabilities and thresholds, all from cache. About 58
// instructions per weight for 6 bit widths and 5 sparsities, so instructions and bandwidth are
// nearly in balance.
#include "cuda/cuda_backend.h"
#include "cuda/mix.cuh"

namespace udc::kernels::cuda {
namespace {

template <int B, int S>
__device__ __forceinline__ float mix(float weight, const MixConstants& constants,
                                     const MixChannel<B, S>& channel) {
  const int32_t bits = magnitude_bits(weight);
  const float magnitude = fminf(__int_as_float(bits), channel.ceiling);
  float value = 0.0f;
#pragma unroll
  for (int b = 0; b < B; b++) {
    const float x = quotient(magnitude, channel.step[b], channel.inverse[b]);
    value = fmaf(round_half_even(fminf(x, constants.levels[b])), channel.weighted_step[b], value);
  }
  float kept = 0.0f;
#pragma unroll
  for (int s = 0; s < S; s++) {
    if (bits > channel.threshold[s]) kept += channel.sparsity_probability[s];
  }
  const float sign = __int_as_float((__float_as_int(weight) & 0x80000000) | 0x3f800000);
  const float mixed = value * sign * kept;
  return is_nan(weight) ? weight : mixed;
}

// count weights of one row; mask is of the first weight's position, or NULL.
template <int B, int S>
__device__ __forceinline__ void mix_run(const float* input, const float* mask, float* output,
                                        int count, const MixConstants& constants,
                                        const MixChannel<B, S>& channel) {
  constexpr int kUnroll = 4;
  const Groups groups(input, count);
  const int lane = threadIdx.x % kWarp;
  for (int i = groups.start + lane * 4; i < count; i += kUnroll * kWarp * 4) {
    float weights[kUnroll][4];
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kWarp * 4;
      if (at < count) load_group(input, at, groups, weights[u]);
    }
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kWarp * 4;
      if (at >= count) break;
      float factors[4] = {1.0f, 1.0f, 1.0f, 1.0f};
      if (mask) load_group(mask, at, groups, factors);
      float mixed[4];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        mixed[k] = mix(weights[u][k], constants, channel) * (factors[k] * channel.mask);
      }
      store_group(output, at, groups, mixed);
    }
  }
}

template <int B, int S>
__global__ void __launch_bounds__(kThreads, B + S > 11 ? 1 : 2)
    mix_forward_kernel(const __grid_constant__ Batch<MixTensor> batch,
                       const __grid_constant__ MixConstants constants) {
  const int index = tensor_of_block(batch, blockIdx.x);
  const udc_mix_layer& layer = batch.tensors[index].layer;
  const Items& items = batch.tensors[index].items;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t last = min(items.count(), (block + 1) * items.per_block);
  for (int64_t item = block * items.per_block + threadIdx.x / kWarp; item < last; item += kWarps) {
    const int64_t row = item / items.parts;
    const int64_t column = item % items.parts * items.columns_per_part;
    const int64_t start = row * items.columns;
    const int64_t end = start + min(items.columns, column + items.columns_per_part);
    MixChannel<B, S> channel;
    channel.read(layer, constants, row);
    for (int64_t first = start + column; first < end;) {
      const int64_t next = channel.read_thresholds(layer, constants, first, end);
      const float* const mask = layer.mask ? layer.mask + (first - start) : nullptr;
      mix_run(layer.weights + first, mask, layer.mixed + first, static_cast<int>(next - first),
              constants, channel);
      first = next;
    }
  }
}

}  // namespace

MixTensor make_mix_tensor(const udc_mix_layer& layer) {
  return {layer, Items::of(layer.channels, layer.per_channel), nullptr, nullptr, nullptr};
}

MixConstants make_mix_constants(const Options& options) {
  MixConstants constants = {};
  for (int b = 0; b < options.bit_options; b++) {
    constants.levels[b] = static_cast<float>((1 << (options.bit_widths[b] - 1)) - 1);
  }
  constants.bit_options = options.bit_options;
  constants.sparsity_options = options.sparsity_options;
  constants.straight_through_mask = options.straight_through_mask != 0;
  return constants;
}

Failure mix_forward(MixLayers layers, const Options& options, const Execution& execution) {
  const MixConstants constants = make_mix_constants(options);
  return launch_batches<MixTensor>(
      layers.count, [&](int64_t i) { return make_mix_tensor(layers[i]); },
      [](const MixTensor& tensor) { return tensor.items.blocks(); },
      [&](const Batch<MixTensor>& batch, int blocks) {
        return for_options(options, [&](auto bits, auto sparsities) {
          return run_kernel(mix_forward_kernel<bits.value, sparsities.value>, blocks, kThreads,
                            stream_of(execution), batch, constants);
        });
      });
}

}  // namespace udc::kernels::cuda
