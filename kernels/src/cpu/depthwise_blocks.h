// Depthwise convolution under the kernels and strides that networks mostly have, known when the
// loops are compiled: four columns of the result at once, so that a register of the other map is
// loaded once for all taps that meet it, and the taps of a kernel's row once for all columns.
#ifndef UDC_KERNELS_CPU_DEPTHWISE_BLOCKS_H
#define UDC_KERNELS_CPU_DEPTHWISE_BLOCKS_H

#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

constexpr int kColumnsAtOnce = 4;

// kVectors registers of neighbouring channels; one that is not whole has fewer lanes.
template <int kVectors, bool kWhole>
struct Vectors {
  Floats values[kVectors];

  UDC_INLINE Vectors zero() {
    Vectors result;
    for (int v = 0; v < kVectors; v++) result.values[v] = Floats{};
    return result;
  }

  UDC_INLINE Vectors of(const float* from, int64_t lanes) {
    Vectors result;
    for (int v = 0; v < kVectors; v++) {
      result.values[v] = kWhole ? load(from + v * kLanes) : load_some(from, lanes);
    }
    return result;
  }

  inline __attribute__((always_inline)) void add_product(const Vectors& a, const Vectors& b) {
    for (int v = 0; v < kVectors; v++) values[v] += a.values[v] * b.values[v];
  }

  inline __attribute__((always_inline)) void store_to(float* to, int64_t lanes) const {
    for (int v = 0; v < kVectors; v++) {
      if (kWhole) {
        store(to + v * kLanes, values[v]);
      } else {
        store_some(to, values[v], lanes);
      }
    }
  }
};

template <int kKernel, int kStride, int kVectors, bool kWhole>
struct DepthwiseBlocks {
  using Values = Vectors<kVectors, kWhole>;
  static constexpr int kColumns = kColumnsAtOnce;
  static constexpr int kWindow = (kColumns - 1) * kStride + kKernel;  // input columns they read

  const udc_depthwise& d;
  const int64_t c;  // the first channel
  const int64_t lanes;

  inline __attribute__((always_inline)) void load_taps(const float* weights, int64_t i,
                                                       Values* taps) const {
#pragma GCC unroll 16
    for (int j = 0; j < kKernel; j++) {
      taps[j] = Values::of(weights + (i * kKernel + j) * d.channels + c, lanes);
    }
  }

  // What is there already in the columns of a row, from the first one on.
  inline __attribute__((always_inline)) void begin(const DepthwiseRow& row, int64_t first,
                                                   int64_t columns, Values* sums) const {
#pragma GCC unroll 16
    for (int p = 0; p < kColumns; p++) {
      const int64_t x = first + p;
      sums[p] = row.accumulate && x >= 0 && x < columns
                    ? Values::of(row.to + x * d.channels + c, lanes)
                    : Values::zero();
    }
  }

  inline __attribute__((always_inline)) void end(const DepthwiseRow& row, int64_t first,
                                                 int64_t columns, const Values* sums) const {
#pragma GCC unroll 16
    for (int p = 0; p < kColumns; p++) {
      const int64_t x = first + p;
      if (x >= 0 && x < columns) sums[p].store_to(row.to + x * d.channels + c, lanes);
    }
  }

  // Columns of the output, from the first one on.
  void forward(const DepthwiseRow& row, int64_t first) const {
    Values sums[kColumns];
    begin(row, first, d.out_columns, sums);
    const int64_t y = row.index * kStride - d.top;
    const int64_t left = first * kStride - d.left;
    for (int64_t i = y < 0 ? -y : 0; i < kKernel && y + i < d.in_rows; i++) {
      Values taps[kKernel];
      load_taps(row.weights, i, taps);
      const float* const from = row.from + (y + i) * d.in_columns * d.channels + c;
#pragma GCC unroll 32
      for (int x = 0; x < kWindow; x++) {
        if (left + x < 0 || left + x >= d.in_columns) continue;
        const Values input = Values::of(from + (left + x) * d.channels, lanes);
#pragma GCC unroll 16
        for (int p = 0; p < kColumns; p++) {
          const int j = x - p * kStride;
          if (j >= 0 && j < kKernel) sums[p].add_product(input, taps[j]);
        }
      }
    }
    end(row, first, d.out_columns, sums);
  }

  // Columns of the input's gradient. The first one, which may lie before the row, is that which the
  // first tap of output column u reads.
  void backward(const DepthwiseRow& row, int64_t u) const {
    const int64_t first = u * kStride - d.left;
    Values sums[kColumns];
    begin(row, first, d.in_columns, sums);
    const int64_t y = row.index + d.top;
    int64_t v = y / kStride;
    for (int64_t i = y % kStride; i < kKernel && v >= 0; i += kStride, v--) {
      if (v >= d.out_rows) continue;
      Values taps[kKernel];
      load_taps(row.weights, i, taps);
      const float* const from = row.from + v * d.out_columns * d.channels + c;
#pragma GCC unroll 32
      for (int step = -((kKernel - 1) / kStride); step <= (kColumns - 1) / kStride; step++) {
        if (u + step < 0 || u + step >= d.out_columns) continue;
        const Values gradient = Values::of(from + (u + step) * d.channels, lanes);
#pragma GCC unroll 16
        for (int j = 0; j < kKernel; j++) {
          const int p = step * kStride + j;
          if (p >= 0 && p < kColumns) sums[p].add_product(gradient, taps[j]);
        }
      }
    }
    end(row, first, d.in_columns, sums);
  }

  // Adds the gradient of the taps of one row of the kernel, [kKernel][channels], from a picture.
  void weights(const float* input, const float* gradient, int64_t i, float* to) const {
    Values sums[kKernel];
#pragma GCC unroll 16
    for (int j = 0; j < kKernel; j++) sums[j] = Values::zero();
    for (int64_t v = 0; v < d.out_rows; v++) {
      const int64_t y = v * kStride + i - d.top;
      if (y < 0 || y >= d.in_rows) continue;
      for (int64_t u = 0; u < d.out_columns; u += kColumns) {
        add_columns(input + y * d.in_columns * d.channels + c,
                    gradient + v * d.out_columns * d.channels + c, u, sums);
      }
    }
#pragma GCC unroll 16
    for (int j = 0; j < kKernel; j++) {
      float* const tap = to + j * d.channels + c;
      Values result = Values::of(tap, lanes);
      for (int n = 0; n < kVectors; n++) result.values[n] += sums[j].values[n];
      result.store_to(tap, lanes);
    }
  }

  // The part of some output columns in these taps' gradient.
  inline __attribute__((always_inline)) void add_columns(const float* input, const float* gradient,
                                                         int64_t first, Values* sums) const {
    Values gradients[kColumns];
#pragma GCC unroll 16
    for (int p = 0; p < kColumns; p++) {
      gradients[p] = first + p < d.out_columns
                         ? Values::of(gradient + (first + p) * d.channels, lanes)
                         : Values::zero();
    }
    const int64_t left = first * kStride - d.left;
#pragma GCC unroll 32
    for (int x = 0; x < kWindow; x++) {
      if (left + x < 0 || left + x >= d.in_columns) continue;
      const Values values = Values::of(input + (left + x) * d.channels, lanes);
#pragma GCC unroll 16
      for (int p = 0; p < kColumns; p++) {
        const int j = x - p * kStride;
        if (j >= 0 && j < kKernel) sums[j].add_product(values, gradients[p]);
      }
    }
  }
};

template <int kKernel, int kStride, typename Visit>
UDC_INLINE bool in_blocks_of(const udc_depthwise& d, const Visit& visit) {
  int64_t c = 0;
  for (; c + 2 * kLanes <= d.channels; c += 2 * kLanes) {
    visit(DepthwiseBlocks<kKernel, kStride, 2, true>{d, c, kLanes});
  }
  for (; c + kLanes <= d.channels; c += kLanes) {
    visit(DepthwiseBlocks<kKernel, kStride, 1, true>{d, c, kLanes});
  }
  if (c < d.channels) visit(DepthwiseBlocks<kKernel, kStride, 1, false>{d, c, d.channels - c});
  return true;
}

// Calls visit(blocks) for all channels; false if there are none for this kernel and stride.
template <typename Visit>
UDC_INLINE bool in_blocks(const udc_depthwise& d, const Visit& visit) {
  if (d.kernel == 3 && d.stride == 1) return in_blocks_of<3, 1>(d, visit);
  if (d.kernel == 3 && d.stride == 2) return in_blocks_of<3, 2>(d, visit);
  if (d.kernel == 5 && d.stride == 1) return in_blocks_of<5, 1>(d, visit);
  if (d.kernel == 5 && d.stride == 2) return in_blocks_of<5, 2>(d, visit);
  return false;
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_DEPTHWISE_BLOCKS_H
