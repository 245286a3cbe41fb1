#include "codec/decoder.h"
#include "common/status.h"
#include "udc/npu/weight_stream.h"

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_decode_weights(const uint8_t* stream, uint64_t size, int16_t* out,
                                                 uint64_t capacity, uint64_t* count,
                                                 udc_npu_error* error) {
  if (count == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "count is null");
  }
  *count = 0;
  if (stream == nullptr && size != 0) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "stream is null");
  }
  // Bit positions are 64 bits wide.
  if (size > UINT64_MAX / 16) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "size is not one of a buffer");
  }
  return guarded(error, [&] { return decodeStream({stream, size}, out, capacity, *count, error); });
}
