// Error reporting at the C ABI's border: details into udc_npu_error, exceptions into status codes.
#pragma once

#include <new>

#include "udc/npu/status.h"

namespace udc::npu {

// Fills `error` (unless null) with a printf-style message and returns `status`.
[[gnu::format(printf, 3, 4)]] udc_npu_status fail(udc_npu_error* error, udc_npu_status status,
                                                  const char* format, ...) noexcept;

// The same for a position in an untrusted stream.
[[gnu::format(printf, 4, 5)]] udc_npu_status failAt(udc_npu_error* error, udc_npu_status status,
                                                    uint64_t bitPosition, const char* format,
                                                    ...) noexcept;

// Runs the body of an ABI function. The only exception that the backend can meet is a failed
// allocation; no exception may cross the C ABI.
template <typename Body>
udc_npu_status guarded(udc_npu_error* error, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return fail(error, UDC_NPU_OUT_OF_MEMORY, "out of memory");
  } catch (...) {
    return fail(error, UDC_NPU_OUT_OF_MEMORY, "unexpected exception, most likely out of memory");
  }
}

}  // namespace udc::npu
