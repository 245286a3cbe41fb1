// The loops of a depthwise convolution over one picture's row, or one picture, channels innermost.
#ifndef UDC_KERNELS_CPU_DEPTHWISE_ROWS_H
#define UDC_KERNELS_CPU_DEPTHWISE_ROWS_H

#include <algorithm>

#include "cpu/depthwise_blocks.h"
#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

// A range of taps, or of positions.
struct Taps {
  int64_t first;
  int64_t end;
};

// The taps i of a kernel for which 0 <= start + i < extent.
UDC_INLINE Taps taps_inside(int64_t start, int64_t extent, int64_t kernel) {
  return {std::max<int64_t>(0, -start), std::min(kernel, extent - start)};
}

// kVectors registers of neighbouring channels: their sums do not wait for each other. A last
// register that is not full has fewer lanes.
template <int kVectors>
struct Channels {
  Floats values[kVectors] = {};

  inline __attribute__((always_inline)) void add_product(const float* a, const float* b,
                                                         int64_t lanes) {
    for (int v = 0; v < kVectors; v++) {
      values[v] += lanes < kLanes ? load_some(a, lanes) * load_some(b, lanes)
                                  : load(a + v * kLanes) * load(b + v * kLanes);
    }
  }

  inline __attribute__((always_inline)) void add(const float* from, int64_t lanes) {
    for (int v = 0; v < kVectors; v++) {
      values[v] += lanes < kLanes ? load_some(from, lanes) : load(from + v * kLanes);
    }
  }

  inline __attribute__((always_inline)) void store_to(float* to, int64_t lanes) const {
    for (int v = 0; v < kVectors; v++) {
      if (lanes < kLanes) {
        store_some(to, values[v], lanes);
      } else {
        store(to + v * kLanes, values[v]);
      }
    }
  }
};

// Calls block(vectors, first channel, lanes) for all channels, in blocks as large as registers
// allow.
template <typename Block>
UDC_INLINE void for_each_block(int64_t channels, const Block& block) {
  int64_t c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) block(Channels<4>(), c, kLanes);
  for (; c + 2 * kLanes <= channels; c += 2 * kLanes) block(Channels<2>(), c, kLanes);
  for (; c < channels; c += kLanes) {
    block(Channels<1>(), c, std::min<int64_t>(kLanes, channels - c));
  }
}

// One row of the output.
static void depthwise_forward_row(const udc_depthwise& d, const DepthwiseRow& row) {
  const bool done = in_blocks(d, [&](const auto& blocks) {
    for (int64_t u = 0; u < d.out_columns; u += kColumnsAtOnce) blocks.forward(row, u);
  });
  if (done) return;
  const int64_t y = row.index * d.stride - d.top;
  const Taps down = taps_inside(y, d.in_rows, d.kernel);
  for_each_block(d.channels, [&](auto zero, int64_t c, int64_t lanes) {
    for (int64_t u = 0; u < d.out_columns; u++) {
      const int64_t x = u * d.stride - d.left;
      const Taps across = taps_inside(x, d.in_columns, d.kernel);
      auto sum = zero;
      for (int64_t i = down.first; i < down.end; i++) {
        for (int64_t j = across.first; j < across.end; j++) {
          sum.add_product(row.from + ((y + i) * d.in_columns + x + j) * d.channels + c,
                          row.weights + (i * d.kernel + j) * d.channels + c, lanes);
        }
      }
      sum.store_to(row.to + u * d.channels + c, lanes);
    }
  });
}

// One row of the input's gradient. Output row v reads input row y through tap y + top - v * stride.
static void depthwise_backward_row(const udc_depthwise& d, const DepthwiseRow& row) {
  const bool done = in_blocks(d, [&](const auto& blocks) {
    int64_t u = d.left / d.stride;
    for (; u * d.stride - d.left < d.in_columns; u += kColumnsAtOnce / d.stride) {
      blocks.backward(row, u);
    }
  });
  if (done) return;
  const int64_t y = row.index + d.top;
  for_each_block(d.channels, [&](auto zero, int64_t c, int64_t lanes) {
    for (int64_t x = 0; x < d.in_columns; x++) {
      const int64_t last_u = (x + d.left) / d.stride;
      const int64_t first_j = (x + d.left) % d.stride;
      auto sum = zero;
      int64_t v = y / d.stride;
      for (int64_t i = y % d.stride; i < d.kernel && v >= 0; i += d.stride, v--) {
        if (v >= d.out_rows) continue;
        int64_t u = last_u;
        for (int64_t j = first_j; j < d.kernel && u >= 0; j += d.stride, u--) {
          if (u >= d.out_columns) continue;
          sum.add_product(row.from + (v * d.out_columns + u) * d.channels + c,
                          row.weights + (i * d.kernel + j) * d.channels + c, lanes);
        }
      }
      float* const to = row.to + x * d.channels + c;
      if (row.accumulate) sum.add(to, lanes);
      sum.store_to(to, lanes);
    }
  });
}

// The output columns of which tap j lies inside the input.
UDC_INLINE Taps columns_inside(const udc_depthwise& d, int64_t j) {
  const int64_t before = d.left - j;
  const int64_t room = d.in_columns - 1 + before;
  return {before > 0 ? (before + d.stride - 1) / d.stride : 0,
          room < 0 ? 0 : std::min(d.out_columns, room / d.stride + 1)};
}

// Adds the gradient of all taps from one picture.
static void depthwise_weights_picture(const udc_depthwise& d, const float* input,
                                      const float* gradient, float* weights) {
  const bool done = in_blocks(d, [&](const auto& blocks) {
    for (int64_t i = 0; i < d.kernel; i++) {
      blocks.weights(input, gradient, i, weights + i * d.kernel * d.channels);
    }
  });
  if (done) return;
  const int64_t taps = static_cast<int64_t>(d.kernel) * d.kernel;
  for_each_block(d.channels, [&](auto zero, int64_t c, int64_t lanes) {
    for (int64_t tap = 0; tap < taps; tap++) {
      const int64_t i = tap / d.kernel;
      const int64_t j = tap % d.kernel;
      const Taps columns = columns_inside(d, j);
      auto sum = zero;
      for (int64_t v = 0; v < d.out_rows; v++) {
        const int64_t y = v * d.stride + i - d.top;
        if (y < 0 || y >= d.in_rows) continue;
        for (int64_t u = columns.first; u < columns.end; u++) {
          const int64_t x = u * d.stride + j - d.left;
          sum.add_product(input + (y * d.in_columns + x) * d.channels + c,
                          gradient + (v * d.out_columns + u) * d.channels + c, lanes);
        }
      }
      float* const to = weights + tap * d.channels + c;
      sum.add(to, lanes);
      sum.store_to(to, lanes);
    }
  });
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_DEPTHWISE_ROWS_H
