#include "cpu/normalized_sum.h"

#include "api/checks.h"

namespace udc::kernels {
namespace {

enum class Purpose { kWorkspace, kForward, kBackward };

Outcome check_term(const udc_normalized_sum& s, int32_t index, Purpose purpose) {
  const udc_normalized_term& term = s.terms[index];
  const bool forward = purpose == Purpose::kForward;
  return Check(index)
      .pointer(term.map, "map")
      .pointer(term.scale, "scale")
      .pointer(term.shift, "shift", forward)
      .pointer(term.mean, "mean")
      .pointer(term.variance, "variance")
      .outcome();
}

Outcome check_sum(const udc_normalized_sum* sum, const Execution* execution, Purpose purpose) {
  Outcome outcome = check_execution(execution);
  if (outcome.failed()) return outcome;
  outcome = Check().pointer(sum, "sum").outcome();
  if (outcome.failed()) return outcome;
  if (execution->cuda) {
    return Outcome::fail(UDC_KERNELS_UNSUPPORTED, -1,
                         "sums of normalized maps are on the CPU only");
  }
  const udc_normalized_sum& s = *sum;
  Check check;
  check.range(s.channels, 1, 1 << 20, "channels")
      .shape(s.positions, s.channels, "positions", "channels")
      .range(s.term_count, 1, UDC_KERNELS_MAX_TERMS, "term_count");
  if (purpose == Purpose::kWorkspace || check.outcome().failed()) return check.outcome();
  if (!(s.epsilon > 0)) {
    return Outcome::fail(UDC_KERNELS_INVALID_ARGUMENT, -1, "epsilon is %g, expected more than 0",
                         s.epsilon);
  }
  const bool forward = purpose == Purpose::kForward;
  check.pointer(s.terms, "terms")
      .pointer(s.output, "output", forward || s.rectify)
      .pointer(s.output_gradient, "output_gradient", !forward);
  outcome = check.outcome();
  for (int32_t k = 0; k < s.term_count && !outcome.failed(); k++) {
    outcome = check_term(s, k, purpose);
  }
  return outcome;
}

template <typename Run>
udc_kernels_status run_sum(const udc_normalized_sum* sum, const Execution* execution,
                           Purpose purpose, udc_kernels_error* error, const Run& run) {
  Outcome outcome = check_sum(sum, execution, purpose);
  if (!outcome.failed()) outcome = check_workspace(*execution, cpu::normalized_sum_workspace(*sum));
  if (!outcome.failed()) outcome = run_guarded([&] { return run(*sum, *execution); });
  return outcome.report(error);
}

}  // namespace
}  // namespace udc::kernels

using namespace udc::kernels;

udc_kernels_status udc_kernels_normalized_sum_workspace(const udc_normalized_sum* sum,
                                                        const udc_kernels_execution* execution,
                                                        int64_t* bytes, udc_kernels_error* error) {
  Outcome outcome = check_sum(sum, execution, Purpose::kWorkspace);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) *bytes = cpu::normalized_sum_workspace(*sum);
  return outcome.report(error);
}

udc_kernels_status udc_kernels_normalized_sum_forward(const udc_normalized_sum* sum,
                                                      const udc_kernels_execution* execution,
                                                      udc_kernels_error* error) {
  return run_sum(sum, execution, Purpose::kForward, error, cpu::normalized_sum_forward);
}

udc_kernels_status udc_kernels_normalized_sum_backward(const udc_normalized_sum* sum,
                                                       const udc_kernels_execution* execution,
                                                       udc_kernels_error* error) {
  return run_sum(sum, execution, Purpose::kBackward, error, cpu::normalized_sum_backward);
}
