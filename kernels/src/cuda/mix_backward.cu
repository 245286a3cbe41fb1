// mix backward, the pass over the weights. Traffic per weight: 8 bytes read (w, G), 4 written (dw).
// Per block, B + S doubles of partial sums. About 105 instructions per weight for 6 bit widths and
// 5 sparsities. A warp sums a row's share in registers and a shuffle tree, rows in float64, warps
// of a block in their order; mix_finish.cu adds up the blocks in theirs. No atomics.
#include "cuda/mix.cuh"

namespace udc::kernels::cuda {
namespace {

// Sums of one lane over its share of a row, without the channel's mask, steps and probabilities. A
// network without step gradients (kSteps) does without their registers.
template <int B, int S, bool kSteps>
struct LaneSums {
  float bits[B];
  float steps[kSteps ? B : 1];
  float sparsities[S];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int b = 0; b < B; b++) bits[b] = 0.0f;
#pragma unroll
    for (int b = 0; b < (kSteps ? B : 1); b++) steps[b] = 0.0f;
#pragma unroll
    for (int s = 0; s < S; s++) sparsities[s] = 0.0f;
  }
};

template <int B, int S, bool kSteps>
__device__ __forceinline__ float backward(float weight, float mask, float mixed_gradient,
                                          const MixConstants& constants,
                                          const MixChannel<B, S>& channel,
                                          LaneSums<B, S, kSteps>* sums) {
  const int32_t bits = magnitude_bits(weight);
  const int32_t sign = __float_as_int(weight) & 0x80000000;
  const float magnitude = fminf(__int_as_float(bits), channel.ceiling);
  const float gradient = is_nan(weight) ? weight : mixed_gradient;
  // Everything below is odd in w, so the sign moves to the gradient and magnitudes do the rest.
  const float masked = __int_as_float(__float_as_int(gradient) ^ sign) * mask;
  float kept = 0.0f;
#pragma unroll
  for (int s = 0; s < S; s++) {
    if (bits > channel.threshold[s]) kept += channel.sparsity_probability[s];
  }
  const float through = masked * kept;
  float value = 0.0f;
  float inside = 0.0f;
#pragma unroll
  for (int b = 0; b < B; b++) {
    const float x =
        fminf(quotient(magnitude, channel.step[b], channel.inverse[b]), constants.levels[b]);
    const float rounded = round_half_even(x);
    value = fmaf(rounded, channel.weighted_step[b], value);
    sums->bits[b] = fmaf(through, rounded, sums->bits[b]);
    const bool in_range = magnitude <= channel.step[b] * constants.levels[b];
    if (in_range) inside += channel.probability[b];
    if constexpr (kSteps) {
      sums->steps[b] = fmaf(through, in_range ? rounded - x : rounded, sums->steps[b]);
    }
  }
  const float contribution = masked * value;
#pragma unroll
  for (int s = 0; s < S; s++) {
    if (bits > channel.threshold[s]) sums->sparsities[s] += contribution;
  }
  const float chosen = constants.straight_through_mask ? masked : through;
  return __int_as_float(__float_as_int(chosen) ^ sign) * channel.mask * inside;
}

// count weights of one row; mask is of the first weight's position, or NULL.
template <int B, int S, bool kSteps>
__device__ __forceinline__ void backward_run(const float* input, const float* mask,
                                             const float* mixed_gradient, float* output, int count,
                                             const MixConstants& constants,
                                             const MixChannel<B, S>& channel,
                                             LaneSums<B, S, kSteps>* sums) {
  constexpr int kUnroll = 2;
  const Groups groups(input, count);
  const int lane = threadIdx.x % kWarp;
  for (int i = groups.start + lane * 4; i < count; i += kUnroll * kWarp * 4) {
    float weights[kUnroll][4];
    float gradients[kUnroll][4];
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kWarp * 4;
      if (at < count) {
        load_group(input, at, groups, weights[u]);
        load_group(mixed_gradient, at, groups, gradients[u]);
      }
    }
#pragma unroll
    for (int u = 0; u < kUnroll; u++) {
      const int at = i + u * kWarp * 4;
      if (at >= count) break;
      float factors[4] = {1.0f, 1.0f, 1.0f, 1.0f};
      if (mask) load_group(mask, at, groups, factors);
      float result[4];
#pragma unroll
      for (int k = 0; k < 4; k++) {
        // Elements outside the run were loaded as weight 0 and gradient 0 and add nothing.
        result[k] = backward(weights[u][k], factors[k], gradients[u][k], constants, channel, sums);
      }
      store_group(output, at, groups, result);
    }
  }
}

template <int B, int S, bool kSteps>
__global__ void __launch_bounds__(kThreads, B + S > 11 ? 1 : 2)
    mix_backward_kernel(const __grid_constant__ Batch<MixTensor> batch,
                        const __grid_constant__ MixConstants constants) {
  __shared__ double warp_sums[B + S][kWarps];
  const int index = tensor_of_block(batch, blockIdx.x);
  const MixTensor& tensor = batch.tensors[index];
  const udc_mix_layer& layer = tensor.layer;
  const Items& items = tensor.items;
  const int64_t block = blockIdx.x - batch.first_block[index];
  const int64_t last = min(items.count(), (block + 1) * items.per_block);
  const int warp = threadIdx.x / kWarp;
  const int lane = threadIdx.x % kWarp;
  if (lane < B + S) warp_sums[lane][warp] = 0.0;
  __syncwarp();
  for (int64_t item = block * items.per_block + warp; item < last; item += kWarps) {
    const int64_t row = item / items.parts;
    const int64_t column = item % items.parts * items.columns_per_part;
    const int64_t start = row * items.columns;
    const int64_t end = start + min(items.columns, column + items.columns_per_part);
    MixChannel<B, S> channel;
    channel.read(layer, constants, row);
    LaneSums<B, S, kSteps> sums;
    sums.clear();
    for (int64_t first = start + column; first < end;) {
      const int64_t next = channel.read_thresholds(layer, constants, first, end);
      const float* const mask = layer.mask ? layer.mask + (first - start) : nullptr;
      backward_run(layer.weights + first, mask, layer.mixed_gradient + first,
                   layer.weight_gradient + first, static_cast<int>(next - first), constants,
                   channel, &sums);
      first = next;
    }
    double channel_sum = 0.0;  // G * mask * M * V is the sum of its bit options
#pragma unroll
    for (int b = 0; b < B; b++) {
      const double bits = warp_sum(sums.bits[b]);
      channel_sum += bits * channel.weighted_step[b];
      const float steps = kSteps ? warp_sum(sums.steps[kSteps ? b : 0]) : 0.0f;
      if (lane != 0 || b >= constants.bit_options) continue;
      const float step = channel.usable_step(layer, constants, row, b);
      warp_sums[b][warp] += bits * channel.mask * step;
      const float gradient = steps * channel.mask * channel.probability[b];
      if (items.parts > 1) {
        tensor.part_sums[item * (constants.bit_options + 1) + b] = gradient;
      } else if (layer.step_gradient) {
        layer.step_gradient[row * constants.bit_options + b] = gradient;
      }
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      const double sparsities = warp_sum(sums.sparsities[s]);
      if (lane == 0) warp_sums[B + s][warp] += sparsities * channel.mask;
    }
    if (lane == 0) {
      if (items.parts > 1) {
        tensor.part_sums[item * (constants.bit_options + 1) + constants.bit_options] =
            static_cast<float>(channel_sum);
      } else if (layer.channel_mask_gradient) {
        layer.channel_mask_gradient[row] = static_cast<float>(channel_sum);
      }
    }
  }
  __syncthreads();
  // Thread t adds up one of the outputs over the warps; padded options are left out.
  const int output = threadIdx.x;
  const int outputs = constants.bit_options + constants.sparsity_options;
  if (output < outputs) {
    const int slot = output < constants.bit_options ? output : B + output - constants.bit_options;
    double sum = 0.0;
    for (int w = 0; w < kWarps; w++) sum += warp_sums[slot][w];
    tensor.block_sums[output * items.blocks() + block] = sum;
  }
}

}  // namespace

Failure launch_mix_backward(const MixTensor* tensors, int64_t count, const Options& options,
                            cudaStream_t stream) {
  const MixConstants constants = make_mix_constants(options);
  const bool steps = std::any_of(tensors, tensors + count, [](const MixTensor& tensor) {
    return tensor.layer.step_gradient != nullptr;
  });
  return launch_batches<MixTensor>(
      count, [&](int64_t i) { return tensors[i]; },
      [](const MixTensor& tensor) { return tensor.items.blocks(); },
      [&](const Batch<MixTensor>& batch, int blocks) {
        return for_options(options, [&](auto bits, auto sparsities) {
          const auto kernel = steps ? mix_backward_kernel<bits.value, sparsities.value, true>
                                    : mix_backward_kernel<bits.value, sparsities.value, false>;
          return run_kernel(kernel, blocks, kThreads, stream, batch, constants);
        });
      });
}

}  // namespace udc::kernels::cuda
