// What every entry point does around its kernel: error messages, argument checks, dispatch.
#ifndef UDC_KERNELS_API_CHECKS_H
#define UDC_KERNELS_API_CHECKS_H

#include <cstdarg>
#include <cstdio>
#include <new>

#include "backend.h"

struct udc_kernels_cuda {
  void* library;
  const udc::kernels::Backend* backend;
};

namespace udc::kernels {

// A status that knows its message.
class Outcome {
 public:
  static Outcome ok() { return Outcome(UDC_KERNELS_OK); }
  static Outcome fail(udc_kernels_status status, int64_t layer, const char* format, ...)
      __attribute__((format(printf, 3, 4)));

  bool failed() const { return status_ != UDC_KERNELS_OK; }
  udc_kernels_status report(udc_kernels_error* error) const {
    if (failed() && error) *error = error_;
    return status_;
  }

 private:
  explicit Outcome(udc_kernels_status status) : status_(status), error_() {}

  udc_kernels_status status_;
  udc_kernels_error error_;
};

// Collects the first complaint about a call's arguments.
class Check {
 public:
  explicit Check(int64_t layer = -1) : layer_(layer) {}

  Check& pointer(const void* value, const char* name, bool needed = true);
  Check& range(int64_t value, int64_t low, int64_t high, const char* name);
  // rows * columns elements, neither negative, of which a byte count still fits into 63 bits.
  Check& shape(int64_t rows, int64_t columns, const char* rows_name, const char* columns_name);
  Check& fraction(double value, const char* name, int32_t index);
  const Outcome& outcome() const { return outcome_; }

 private:
  int64_t layer_;
  Outcome outcome_ = Outcome::ok();
};

const Backend& backend_of(const Execution& execution);

Outcome check_execution(const Execution* execution);
Outcome check_workspace(const Execution& execution, int64_t needed);

// The arguments that all calls have in common, then check(tensor, index) for every tensor.
template <typename Tensor, typename CheckTensor>
Outcome check_tensors(const Tensor* data, int64_t count, const Execution* execution,
                      const CheckTensor& check) {
  Outcome outcome = check_execution(execution);
  if (outcome.failed()) return outcome;
  outcome = Check().range(count, 0, INT32_MAX, "layer count").outcome();
  if (outcome.failed()) return outcome;
  outcome = Check().pointer(data, "layers", count > 0).outcome();
  for (int64_t i = 0; i < count && !outcome.failed(); i++) outcome = check(data[i], i);
  return outcome;
}

// Runs body, which returns a Failure; no exception leaves it.
template <typename Body>
Outcome run_guarded(const Body& body) {
  try {
    const Failure failure = body();
    if (failure) return Outcome::fail(UDC_KERNELS_DEVICE_ERROR, -1, "%s", failure);
    return Outcome::ok();
  } catch (const std::bad_alloc&) {
    return Outcome::fail(UDC_KERNELS_OUT_OF_MEMORY, -1, "out of host memory");
  } catch (...) {
    return Outcome::fail(UDC_KERNELS_DEVICE_ERROR, -1, "the host ran out of threads");
  }
}

}  // namespace udc::kernels

#endif  // UDC_KERNELS_API_CHECKS_H
