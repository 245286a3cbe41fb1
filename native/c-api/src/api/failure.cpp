#include "api/failure.h"

#include <cstdio>

namespace udc {
namespace {

udc_status translated(udc_npu_status status) {
  switch (status) {
    case UDC_NPU_OK:
      return UDC_OK;
    case UDC_NPU_CORRUPT_STREAM:
      return UDC_CORRUPT;
    case UDC_NPU_LIMIT_EXCEEDED:
      return UDC_LIMIT_EXCEEDED;
    case UDC_NPU_BUFFER_TOO_SMALL:
      return UDC_BUFFER_TOO_SMALL;
    case UDC_NPU_UNSUPPORTED:
      return UDC_UNSUPPORTED;
    case UDC_NPU_OUT_OF_MEMORY:
      return UDC_OUT_OF_MEMORY;
    case UDC_NPU_INVALID_ARGUMENT:
      break;
  }
  return UDC_INVALID_ARGUMENT;
}

}  // namespace

void fail(udc_status status, const char* format, ...) {
  char message[sizeof(udc_error::message)];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  throw Failure(status, message);
}

void report(udc_error* error, const char* message) noexcept {
  if (error != nullptr) {
    std::snprintf(error->message, sizeof error->message, "%s", message);
    // Names from a file may hold anything, but a message is one line.
    for (char* c = error->message; *c != '\0'; ++c) {
      *c = static_cast<unsigned char>(*c) < ' ' ? '?' : *c;
    }
  }
}

void check(udc_npu_status status, const udc_npu_error& error, const std::string& where) {
  if (status != UDC_NPU_OK) {
    throw Failure(translated(status), where.empty() ? error.message : where + ": " + error.message);
  }
}

}  // namespace udc
