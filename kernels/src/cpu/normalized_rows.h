// The loops of a normalized sum over some rows of its maps; included once per instruction set.
// What a column needs is read again for every four rows, from the nearest cache: that is less than
// what the rows themselves cost, and rows are read as they lie in memory.
#ifndef UDC_KERNELS_CPU_NORMALIZED_ROWS_H
#define UDC_KERNELS_CPU_NORMALIZED_ROWS_H

#include <algorithm>

#include "cpu/row_kernels.h"
#include "cpu/simd.h"

namespace udc::kernels::cpu {
namespace {

UDC_INLINE Floats load_up_to(const float* from, int64_t lanes) {
  return lanes < kLanes ? load_some(from, lanes) : load(from);
}

UDC_INLINE void store_up_to(float* to, Floats value, int64_t lanes) {
  if (lanes < kLanes) {
    store_some(to, value, lanes);
  } else {
    store(to, value);
  }
}

UDC_INLINE void add_up_to(float* to, Floats value, int64_t lanes) {
  store_up_to(to, load_up_to(to, lanes) + value, lanes);
}

// Whole registers first, so that they are known to be whole when the loop is compiled.
template <typename Visit>
UDC_INLINE void for_each_register(int64_t columns, const Visit& visit) {
  int64_t c = 0;
  for (; c + kLanes <= columns; c += kLanes) visit(c, kLanes);
  if (c < columns) visit(c, columns - c);
}

template <int n>
struct Number {
  static constexpr int value = n;
};

// Calls visit(rows, element, column, lanes) for every register of four rows, or of one.
template <typename Visit>
UDC_INLINE void for_each_rows(const NormalizedRun& run, const Visit& visit) {
  constexpr int kRows = 4;
  int64_t at = 0;
  for (; at + kRows * run.width <= run.count; at += kRows * run.width) {
    for_each_register(run.width,
                      [&](int64_t c, int64_t lanes) { visit(Number<kRows>(), at + c, c, lanes); });
  }
  for (; at < run.count; at += run.width) {
    for_each_register(std::min(run.width, run.count - at),
                      [&](int64_t c, int64_t lanes) { visit(Number<1>(), at + c, c, lanes); });
  }
}

static void normalized_moments_run(const NormalizedRun& run, const float* pivots, float* sums) {
  for_each_rows(run, [&](auto rows, int64_t i, int64_t c, int64_t lanes) {
    const Floats pivot = load_up_to(pivots + c, lanes);
    Floats sum = {}, squares = {};
    for (int row = 0; row < rows.value; row++) {
      const Floats x = load_up_to(run.maps[0] + i + row * run.width, lanes) - pivot;
      sum += x;
      squares += x * x;
    }
    add_up_to(sums + c, sum, lanes);
    add_up_to(sums + run.width + c, squares, lanes);
  });
}

// kTerms: their number, or 0 if only the run knows it.
template <int kTerms>
UDC_INLINE void normalized_forward_rows(const NormalizedRun& run) {
  const int terms = kTerms > 0 ? kTerms : run.terms;
  for_each_rows(run, [&](auto rows, int64_t i, int64_t c, int64_t lanes) {
    const Floats shift = load_up_to(run.shifts + c, lanes);
    Floats sum[rows.value];
    for (int row = 0; row < rows.value; row++) {
      sum[row] = shift;
      if (run.residual) sum[row] += load_up_to(run.residual + i + row * run.width, lanes);
    }
    for (int k = 0; k < terms; k++) {
      const Floats scale = load_up_to(run.scales[k] + c, lanes);
      for (int row = 0; row < rows.value; row++) {
        sum[row] += scale * load_up_to(run.maps[k] + i + row * run.width, lanes);
      }
    }
    for (int row = 0; row < rows.value; row++) {
      const Floats value = run.rectify ? at_least(sum[row], Floats{}) : sum[row];
      store_up_to(run.output + i + row * run.width, value, lanes);
    }
  });
}

static void normalized_forward_run(const NormalizedRun& run) {
  switch (run.terms) {
    case 1:
      return normalized_forward_rows<1>(run);
    case 2:
      return normalized_forward_rows<2>(run);
    default:
      return normalized_forward_rows<0>(run);
  }
}

// The gradient in front of the rectifier.
UDC_INLINE Floats passed_gradient(const NormalizedRun& run, int64_t i, int64_t lanes) {
  const Floats gradient = load_up_to(run.output_gradient + i, lanes);
  if (!run.rectify) return gradient;
  return load_up_to(run.output + i, lanes) <= Floats{} ? Floats{} : gradient;
}

template <int kTerms>
UDC_INLINE void normalized_sums_rows(const NormalizedRun& run, float* sums) {
  for_each_rows(run, [&](auto rows, int64_t i, int64_t c, int64_t lanes) {
    Floats total = {}, products[kTerms] = {}, means[kTerms];
    for (int k = 0; k < kTerms; k++) means[k] = load_up_to(run.offsets[k] + c, lanes);
    for (int row = 0; row < rows.value; row++) {
      const int64_t at = i + row * run.width;
      const Floats gradient = passed_gradient(run, at, lanes);
      total += gradient;
      for (int k = 0; k < kTerms; k++) {
        products[k] += gradient * (load_up_to(run.maps[k] + at, lanes) - means[k]);
      }
    }
    add_up_to(sums + c, total, lanes);
    for (int k = 0; k < kTerms; k++) add_up_to(sums + (1 + k) * run.width + c, products[k], lanes);
  });
}

static void normalized_sums_run(const NormalizedRun& run, float* sums) {
  if (run.terms == 1) {
    normalized_sums_rows<1>(run, sums);
  } else {
    normalized_sums_rows<2>(run, sums);
  }
}

template <int kTerms>
UDC_INLINE void normalized_backward_rows(const NormalizedRun& run) {
  const int terms = kTerms > 0 ? kTerms : run.terms;
  for_each_rows(run, [&](auto rows, int64_t i, int64_t c, int64_t lanes) {
    Floats gradient[rows.value];
    for (int row = 0; row < rows.value; row++) {
      gradient[row] = passed_gradient(run, i + row * run.width, lanes);
    }
    for (int k = 0; k < terms; k++) {
      if (!run.map_gradients[k]) continue;
      const Floats scale = load_up_to(run.scales[k] + c, lanes);
      for (int row = 0; row < rows.value; row++) {
        const int64_t at = i + row * run.width;
        Floats result = scale * gradient[row];
        if (run.slopes[k]) {
          result += load_up_to(run.slopes[k] + c, lanes) * load_up_to(run.maps[k] + at, lanes) +
                    load_up_to(run.offsets[k] + c, lanes);
        }
        store_up_to(run.map_gradients[k] + at, result, lanes);
      }
    }
    if (run.residual_gradient) {
      for (int row = 0; row < rows.value; row++) {
        store_up_to(run.residual_gradient + i + row * run.width, gradient[row], lanes);
      }
    }
  });
}

static void normalized_backward_run(const NormalizedRun& run) {
  switch (run.terms) {
    case 1:
      return normalized_backward_rows<1>(run);
    case 2:
      return normalized_backward_rows<2>(run);
    default:
      return normalized_backward_rows<0>(run);
  }
}

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_NORMALIZED_ROWS_H
