#include "cpu/depthwise.h"

#include <algorithm>

#include "api/checks.h"

namespace udc::kernels {
namespace {

enum class Purpose { kWorkspace, kForward, kBackward };

Outcome check_layer(const udc_depthwise* layer, const Execution* execution, Purpose purpose) {
  Outcome outcome = check_execution(execution);
  if (outcome.failed()) return outcome;
  outcome = Check().pointer(layer, "layer").outcome();
  if (outcome.failed()) return outcome;
  if (execution->cuda) {
    return Outcome::fail(UDC_KERNELS_UNSUPPORTED, -1, "depthwise convolution is on the CPU only");
  }
  const udc_depthwise& d = *layer;
  constexpr int64_t kMost = 1 << 20;
  Check check;
  check.range(d.kernel, 1, 16, "kernel")
      .range(d.stride, 1, 16, "stride")
      .range(d.top, 0, d.kernel - 1, "top")
      .range(d.left, 0, d.kernel - 1, "left")
      .range(d.pictures, 0, kMost, "pictures")
      .range(d.channels, 1, kMost, "channels")
      .range(d.in_rows, 1, kMost, "in_rows")
      .range(d.in_columns, 1, kMost, "in_columns")
      .range(d.out_rows, 1, kMost, "out_rows")
      .range(d.out_columns, 1, kMost, "out_columns")
      .range(d.accumulate, 0, 1, "accumulate");
  if (!check.outcome().failed()) {
    const int64_t side = std::max(d.in_rows * d.in_columns, d.out_rows * d.out_columns);
    check.shape(d.pictures * d.channels, side, "pictures * channels", "rows * columns");
  }
  if (purpose == Purpose::kWorkspace) return check.outcome();
  const bool forward = purpose == Purpose::kForward;
  return check.pointer(d.weights, "weights", forward || d.input_gradient)
      .pointer(d.input, "input", forward || d.weight_gradient)
      .pointer(d.output, "output", forward)
      .pointer(d.output_gradient, "output_gradient", !forward)
      .outcome();
}

template <typename Run>
udc_kernels_status run_layer(const udc_depthwise* layer, const Execution* execution,
                             Purpose purpose, udc_kernels_error* error, const Run& run) {
  Outcome outcome = check_layer(layer, execution, purpose);
  if (!outcome.failed()) outcome = check_workspace(*execution, cpu::depthwise_workspace(*layer));
  if (!outcome.failed()) outcome = run_guarded([&] { return run(*layer, *execution); });
  return outcome.report(error);
}

}  // namespace
}  // namespace udc::kernels

using namespace udc::kernels;

udc_kernels_status udc_kernels_depthwise_workspace(const udc_depthwise* layer,
                                                   const udc_kernels_execution* execution,
                                                   int64_t* bytes, udc_kernels_error* error) {
  Outcome outcome = check_layer(layer, execution, Purpose::kWorkspace);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) *bytes = cpu::depthwise_workspace(*layer);
  return outcome.report(error);
}

udc_kernels_status udc_kernels_depthwise_forward(const udc_depthwise* layer,
                                                 const udc_kernels_execution* execution,
                                                 udc_kernels_error* error) {
  return run_layer(layer, execution, Purpose::kForward, error, cpu::depthwise_forward);
}

udc_kernels_status udc_kernels_depthwise_backward(const udc_depthwise* layer,
                                                  const udc_kernels_execution* execution,
                                                  udc_kernels_error* error) {
  return run_layer(layer, execution, Purpose::kBackward, error, cpu::depthwise_backward);
}
