// Depthwise convolution, a picture's row at a time; the gradient of the weights a picture at a
// time.
#include "cpu/depthwise.h"

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
            d.input_gradient + picture * input_size(d) + row * d.in_columns * d.channels});
  });
}

void weight_gradient(const udc_depthwise& d, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  float* const parts = static_cast<float*>(execution.workspace);
  const int64_t taps = tap_count(d);
  for_each_row(d, 1, thread_count(execution), [&](int64_t picture, int64_t) {
    kernels.depthwise_weights(d, d.input + picture * input_size(d),
                              d.output_gradient + picture * output_size(d), parts + picture * taps);
  });
  for (int64_t i = 0; i < taps; i++) {
    double sum = 0;
    for (int64_t picture = 0; picture < d.pictures; picture++) sum += parts[picture * taps + i];
    const int64_t tap = i / d.channels;
    const int64_t c = i % d.channels;
    d.weight_gradient[c * d.kernel * d.kernel + tap] = static_cast<float>(sum);
  }
}

}  // namespace

int64_t depthwise_workspace(const udc_depthwise& d) {
  const int64_t parts = d.weight_gradient && d.pictures > 1 ? d.pictures : 1;
  return parts * tap_count(d) * static_cast<int64_t>(sizeof(float));
}

Failure depthwise_forward(const udc_depthwise& d, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const float* const weights = weights_by_tap(d, execution);
  for_each_row(d, d.out_rows, thread_count(execution), [&](int64_t picture, int64_t row) {
    kernels.depthwise_forward(
        d, {row, weights, d.input + picture * input_size(d),
            d.output + picture * output_size(d) + row * d.out_columns * d.channels});
  });
  return nullptr;
}

Failure depthwise_backward(const udc_depthwise& d, const Execution& execution) {
  if (d.input_gradient) input_gradient(d, execution);
  if (d.weight_gradient) weight_gradient(d, execution);
  return nullptr;
}

}  // namespace udc::kernels::cpu
