// Depthwise convolution, a picture's row at a time; the gradient of the weights some pictures at a
// time.
#include "cpu/depthwise.h"

#include <algorithm>

#include "cpu/cpu_backend.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

int64_t tap_count(const udc_depthwise& d) {
  return static_cast<int64_t>(d.kernel) * d.kernel * d.channels;
}
int64_t input_size(const udc_depthwise& d) { return d.in_rows * d.in_columns * d.channels; }
int64_t output_size(const udc_depthwise& d) { return d.out_rows * d.out_columns * d.channels; }

// [channels][taps] as [taps][channels], so that a register holds one tap of neighbouring channels.
const float* weights_by_tap(const udc_depthwise& d, const Execution& execution) {
  float* const by_tap = static_cast<float*>(execution.workspace);
  const int64_t taps = static_cast<int64_t>(d.kernel) * d.kernel;
  for (int64_t c = 0; c < d.channels; c++) {
    for (int64_t tap = 0; tap < taps; tap++)
      by_tap[tap * d.channels + c] = d.weights[c * taps + tap];
  }
  return by_tap;
}

// Pictures whose parts in the gradient of the weights are floats of one sum.
constexpr int64_t kPicturesAtOnce = 8;

int64_t parts(const udc_depthwise& d) {
  return (d.pictures + kPicturesAtOnce - 1) / kPicturesAtOnce;
}

// Calls work(picture, row) for every row of every picture.
template <typename Work>
void for_each_row(const udc_depthwise& d, int64_t rows, int32_t threads, const Work& work) {
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t picture = 0; picture < d.pictures; picture++) {
    for (int64_t row = 0; row < rows; row++) work(picture, row);
  }
}

void input_gradient(const udc_depthwise& d, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const float* const weights = weights_by_tap(d, execution);
  for_each_row(d, d.in_rows, thread_count(execution), [&](int64_t picture, int64_t row) {
    kernels.depthwise_backward(
        d, {row, weights, d.output_gradient + picture * output_size(d),
            d.input_gradient + picture * input_size(d) + row * d.in_columns * d.channels,
            d.accumulate != 0});
  });
}

void weight_gradient(const udc_depthwise& d, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const int32_t threads = thread_count(execution);
  const int64_t size = tap_count(d);
  double* const totals = static_cast<double*>(execution.workspace);
  float* const sums = reinterpret_cast<float*>(totals + size);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t part = 0; part < parts(d); part++) {
    float* const own = sums + part * size;
    std::fill_n(own, size, 0.0f);
    const int64_t end = std::min(d.pictures, (part + 1) * kPicturesAtOnce);
    for (int64_t picture = part * kPicturesAtOnce; picture < end; picture++) {
      kernels.depthwise_weights(d, d.input + picture * input_size(d),
                                d.output_gradient + picture * output_size(d), own);
    }
  }
  std::fill_n(totals, size, 0.0);
  for (int64_t part = 0; part < parts(d); part++) {
    for (int64_t i = 0; i < size; i++) totals[i] += sums[part * size + i];
  }
  const int64_t taps = static_cast<int64_t>(d.kernel) * d.kernel;
  for (int64_t c = 0; c < d.channels; c++) {
    for (int64_t tap = 0; tap < taps; tap++) {
      d.weight_gradient[c * taps + tap] = static_cast<float>(totals[tap * d.channels + c]);
    }
  }
}

}  // namespace

int64_t depthwise_workspace(const udc_depthwise& d) {
  const int64_t taps = tap_count(d) * static_cast<int64_t>(sizeof(float));
  return d.weight_gradient ? (2 + parts(d)) * taps : taps;
}

Failure depthwise_forward(const udc_depthwise& d, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const float* const weights = weights_by_tap(d, execution);
  for_each_row(d, d.out_rows, thread_count(execution), [&](int64_t picture, int64_t row) {
    kernels.depthwise_forward(
        d, {row, weights, d.input + picture * input_size(d),
            d.output + picture * output_size(d) + row * d.out_columns * d.channels, false});
  });
  return nullptr;
}

Failure depthwise_backward(const udc_depthwise& d, const Execution& execution) {
  if (d.input_gradient) input_gradient(d, execution);
  if (d.weight_gradient) weight_gradient(d, execution);
  return nullptr;
}

}  // namespace udc::kernels::cpu
