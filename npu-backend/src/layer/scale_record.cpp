#include <cmath>

#include "common/status.h"
#include "udc/npu/layer.h"

using udc::npu::fail;

namespace {

constexpr int64_t kMinBias = -(int64_t{1} << 39);
constexpr int64_t kMaxBias = (int64_t{1} << 39) - 1;
constexpr int kBiasBytes = 5;
constexpr int kScaleBytes = 4;

}  // namespace

// Weight stream format, section 13.7.
extern "C" udc_npu_status udc_npu_quantize_scale(double factor, int32_t reduced, uint32_t* scale,
                                                 uint32_t* shift, udc_npu_error* error) {
  if (scale == nullptr || shift == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "scale or shift is null");
  }
  if (!(factor >= 0) || std::isinf(factor)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "the factor %g is no finite number >= 0", factor);
  }
  int exponent = 0;
  const double mantissa = std::frexp(factor, &exponent);
  // Away from zero at a half, which may give 2^31 itself.
  auto quantized = static_cast<uint32_t>(std::floor(mantissa * 2147483648.0 + 0.5));
  int bits = 31 - exponent;
  if (bits < 0 || bits > 63) {
    quantized = 0;
    bits = 16;
  }
  if (reduced != 0) {
    if (bits < 16) {
      return fail(error, UDC_NPU_UNSUPPORTED, "the factor %g is too large for a 16-bit scale",
                  factor);
    }
    constexpr uint32_t kLargest = 32767;
    quantized = quantized >= kLargest << 16 ? kLargest : (quantized + (1U << 15)) >> 16;
    bits -= 16;
  }
  *scale = quantized;
  *shift = static_cast<uint32_t>(bits);
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_pack_scale_record(const udc_npu_scale_record* record,
                                                    uint8_t bytes[UDC_NPU_SCALE_RECORD_BYTES],
                                                    udc_npu_error* error) {
  if (record == nullptr || bytes == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "record or bytes is null");
  }
  if (record->bias < kMinBias || record->bias > kMaxBias) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "the bias %lld does not fit into 40 bits",
                static_cast<long long>(record->bias));
  }
  if (record->shift > 63) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "the shift %u is not in 0..63", record->shift);
  }
  const auto bias = static_cast<uint64_t>(record->bias);
  for (int i = 0; i < kBiasBytes; ++i) {
    bytes[i] = static_cast<uint8_t>(bias >> (8 * i));
  }
  for (int i = 0; i < kScaleBytes; ++i) {
    bytes[kBiasBytes + i] = static_cast<uint8_t>(record->scale >> (8 * i));
  }
  bytes[kBiasBytes + kScaleBytes] = static_cast<uint8_t>(record->shift);
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_unpack_scale_record(
    const uint8_t bytes[UDC_NPU_SCALE_RECORD_BYTES], udc_npu_scale_record* record,
    udc_npu_error* error) {
  if (record == nullptr || bytes == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "record or bytes is null");
  }
  if (bytes[kBiasBytes + kScaleBytes] > 63) {
    return fail(error, UDC_NPU_CORRUPT_STREAM, "the high bits of a record's shift are not zero");
  }
  uint64_t bias = 0;
  for (int i = 0; i < kBiasBytes; ++i) {
    bias |= uint64_t{bytes[i]} << (8 * i);
  }
  // Two's complement of 40 bits.
  record->bias = static_cast<int64_t>(bias) - (bias >> 39 != 0 ? int64_t{1} << 40 : 0);
  record->scale = 0;
  for (int i = 0; i < kScaleBytes; ++i) {
    record->scale |= uint32_t{bytes[kBiasBytes + i]} << (8 * i);
  }
  record->shift = bytes[kBiasBytes + kScaleBytes];
  return UDC_NPU_OK;
}
