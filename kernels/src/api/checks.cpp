#include "api/checks.h"

namespace udc::kernels {

Outcome Outcome::fail(udc_kernels_status status, int64_t layer, const char* format, ...) {
  Outcome outcome(status);
  outcome.error_.layer = layer;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(outcome.error_.message, sizeof outcome.error_.message, format, arguments);
  va_end(arguments);
  return outcome;
}

Check& Check::pointer(const void* value, const char* name, bool needed) {
  if (!outcome_.failed() && needed && !value) {
    outcome_ = Outcome::fail(UDC_KERNELS_INVALID_ARGUMENT, layer_, "%s is null", name);
  }
  return *this;
}

Check& Check::range(int64_t value, int64_t low, int64_t high, const char* name) {
  if (!outcome_.failed() && (value < low || value > high)) {
    outcome_ = Outcome::fail(
        UDC_KERNELS_INVALID_ARGUMENT, layer_, "%s is %lld, expected %lld to %lld", name,
        static_cast<long long>(value), static_cast<long long>(low), static_cast<long long>(high));
  }
  return *this;
}

Check& Check::shape(int64_t rows, int64_t columns, const char* rows_name,
                    const char* columns_name) {
  constexpr int64_t kMost = int64_t{1} << 40;
  range(rows, 0, kMost, rows_name).range(columns, 0, kMost, columns_name);
  if (!outcome_.failed() && columns > 0 && rows > kMost / columns) {
    outcome_ = Outcome::fail(UDC_KERNELS_LIMIT_EXCEEDED, layer_,
                             "%lld x %lld elements, expected at most 2^40",
                             static_cast<long long>(rows), static_cast<long long>(columns));
  }
  return *this;
}

Check& Check::fraction(double value, const char* name, int32_t index) {
  if (!outcome_.failed() && !(value >= 0 && value <= 1)) {
    outcome_ = Outcome::fail(UDC_KERNELS_INVALID_ARGUMENT, layer_, "%s[%d] is %g, expected 0 to 1",
                             name, index, value);
  }
  return *this;
}

const Backend& backend_of(const Execution& execution) {
  return execution.cuda ? *execution.cuda->backend : cpu_backend();
}

Outcome check_execution(const Execution* execution) {
  Check check;
  check.pointer(execution, "execution");
  if (check.outcome().failed()) return check.outcome();
  return check.range(execution->threads, 0, 4096, "execution.threads")
      .range(execution->portable, 0, 2, "execution.portable")
      .range(execution->workspace_bytes, 0, INT64_MAX, "execution.workspace_bytes")
      .outcome();
}

Outcome check_workspace(const Execution& execution, int64_t needed) {
  if (needed == 0) return Outcome::ok();
  if (!execution.workspace || execution.workspace_bytes < needed) {
    return Outcome::fail(
        UDC_KERNELS_BUFFER_TOO_SMALL, -1, "the workspace has %lld bytes, expected at least %lld",
        static_cast<long long>(execution.workspace ? execution.workspace_bytes : 0),
        static_cast<long long>(needed));
  }
  if (reinterpret_cast<uintptr_t>(execution.workspace) % 16 != 0) {
    return Outcome::fail(UDC_KERNELS_INVALID_ARGUMENT, -1, "the workspace is not 16-byte aligned");
  }
  return Outcome::ok();
}

}  // namespace udc::kernels
