#include "common/status.h"

#include <cstdarg>
#include <cstdio>

namespace udc::npu {
namespace {

void describe(udc_npu_error* error, uint64_t bitPosition, const char* format,
              std::va_list arguments) noexcept {
  if (error != nullptr) {
    error->bit_position = bitPosition;
    std::vsnprintf(error->message, sizeof(error->message), format, arguments);
  }
}

}  // namespace

udc_npu_status fail(udc_npu_error* error, udc_npu_status status, const char* format, ...) noexcept {
  std::va_list arguments;
  va_start(arguments, format);
  describe(error, 0, format, arguments);
  va_end(arguments);
  return status;
}

udc_npu_status failAt(udc_npu_error* error, udc_npu_status status, uint64_t bitPosition,
                      const char* format, ...) noexcept {
  std::va_list arguments;
  va_start(arguments, format);
  describe(error, bitPosition, format, arguments);
  va_end(arguments);
  return status;
}

}  // namespace udc::npu
