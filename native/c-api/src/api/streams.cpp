#include "api/failure.h"
#include "udc/npu/weight_stream.h"

using udc::check;
using udc::guarded;
using udc::required;

namespace {

udc_npu_effort effortOf(int32_t effort) {
  if (effort != UDC_EFFORT_FAST && effort != UDC_EFFORT_BEST) {
    udc::fail(UDC_INVALID_ARGUMENT, "effort: found %d, expected a udc_effort", effort);
  }
  return effort == UDC_EFFORT_FAST ? UDC_NPU_EFFORT_FAST : UDC_NPU_EFFORT_BEST;
}

}  // namespace

uint32_t udc_version(void) { return UDC_VERSION_MAJOR * 1000 + UDC_VERSION_MINOR; }

uint64_t udc_stream_bound(uint64_t count) { return udc_npu_encoded_size_bound(count); }

udc_status udc_stream_size(const int16_t* weights, uint64_t count, int32_t effort, uint64_t* bytes,
                           udc_error* error) {
  return guarded(error, [&] {
    udc_npu_error reason{};
    check(udc_npu_encoded_size(weights, count, effortOf(effort), &required(bytes, "bytes"), &reason), reason);
  });
}

udc_status udc_stream_encode(const int16_t* weights, uint64_t count, int32_t effort, uint8_t* stream,
                             uint64_t capacity, uint64_t* bytes, udc_error* error) {
  return guarded(error, [&] {
    udc_npu_error reason{};
    check(udc_npu_encode_weights(weights, count, effortOf(effort), stream, capacity,
                                 &required(bytes, "bytes"), &reason),
          reason);
  });
}

udc_status udc_stream_decode(const uint8_t* stream, uint64_t bytes, int16_t* weights, uint64_t capacity,
                             uint64_t* count, udc_error* error) {
  return guarded(error, [&] {
    udc_npu_error reason{};
    check(udc_npu_decode_weights(stream, bytes, weights, capacity, &required(count, "count"), &reason),
          reason);
  });
}
