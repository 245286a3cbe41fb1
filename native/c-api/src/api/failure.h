// What goes wrong inside the library travels as a Failure and becomes a status at the C ABI's border.
#pragma once

#include <cstdarg>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

#include "udc/npu/status.h"
#include "udc/udc.h"

namespace udc {

class Failure : public std::runtime_error {
 public:
  Failure(udc_status status, const std::string& message) : std::runtime_error(message), status_(status) {}

  udc_status status() const { return status_; }

 private:
  udc_status status_;
};

// Throws a Failure with a printf-style message.
[[noreturn, gnu::format(printf, 2, 3)]] void fail(udc_status status, const char* format, ...);

// Fills `error` unless it is null.
void report(udc_error* error, const char* message) noexcept;

// Throws what the NPU backend answered, unless it is UDC_NPU_OK. `where` begins the message, or is empty.
void check(udc_npu_status status, const udc_npu_error& error, const std::string& where = {});

// Runs the body of an ABI function: no exception crosses the border.
template <typename Body>
udc_status guarded(udc_error* error, Body&& body) noexcept {
  try {
    body();
    return UDC_OK;
  } catch (const Failure& failure) {
    report(error, failure.what());
    return failure.status();
  } catch (const std::bad_alloc&) {
    report(error, "out of memory");
    return UDC_OUT_OF_MEMORY;
  } catch (const std::exception& unexpected) {
    report(error, unexpected.what());
    return UDC_OUT_OF_MEMORY;
  }
}

template <typename T>
T& required(T* pointer, const char* name) {
  if (pointer == nullptr) {
    fail(UDC_INVALID_ARGUMENT, "%s: found null", name);
  }
  return *pointer;
}

}  // namespace udc
