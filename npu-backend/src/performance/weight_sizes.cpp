#include "performance/weight_sizes.h"

#include "common/status.h"

namespace udc::npu {
namespace {

// More than any address space of the NPU: larger sizes are mistakes, and would overflow.
constexpr uint64_t kMaxBytes = uint64_t{1} << 40;

}  // namespace

udc_npu_status validate(const udc_npu_weight_sizes* source, udc_npu_error* error) noexcept {
  if (source == nullptr) {
    return UDC_NPU_OK;
  }
  if (source->range_count > 0 && (source->range_begin == nullptr || source->range_end == nullptr ||
                                  source->range_bytes == nullptr)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weight sizes: range_count without ranges");
  }
  if (source->full_bytes > kMaxBytes) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weight sizes: full_bytes exceeds 2^40");
  }
  return UDC_NPU_OK;
}

udc_npu_status WeightSizes::bytes(int32_t begin, int32_t end, uint64_t* result,
                                  udc_npu_error* error) const {
  if (source_ == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%s has weights, but no weight sizes were given",
                udc_npu_op_kind_name(op_.kind));
  }
  const auto checked = [&] {
    // Scale records alone take 10 bytes per channel: nothing encodes to nothing.
    return *result > 0 && *result <= kMaxBytes
               ? UDC_NPU_OK
               : fail(error, UDC_NPU_INVALID_ARGUMENT,
                      "weight sizes: channels %d to %d take %llu bytes, not in 1..2^40", begin, end,
                      static_cast<unsigned long long>(*result));
  };
  for (size_t i = 0; i < source_->range_count; ++i) {
    if (source_->range_begin[i] == begin && source_->range_end[i] == end) {
      *result = source_->range_bytes[i];
      return checked();
    }
  }
  const int32_t depth = op_.ofm.depth;
  if (begin == 0 && end == depth && source_->full_bytes != 0) {
    *result = source_->full_bytes;
    return UDC_NPU_OK;
  }
  if (source_->encode != nullptr) {
    const udc_npu_status status =
        source_->encode(source_->user, &op_, blockDepth_, begin, end, result);
    return status == UDC_NPU_OK
               ? checked()
               : fail(error, status, "the encoder failed on channels %d to %d", begin, end);
  }
  if (source_->full_bytes == 0) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "%s has weights, but their sizes have neither full_bytes nor an encoder",
                udc_npu_op_kind_name(op_.kind));
  }
  *result = static_cast<uint64_t>(roundUp(
      static_cast<int64_t>(static_cast<double>(source_->full_bytes) * (end - begin) / depth), 16));
  return UDC_NPU_OK;
}

}  // namespace udc::npu
