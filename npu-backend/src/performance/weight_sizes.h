// Encoded sizes of channel ranges, from wherever the caller has them.
#pragma once

#include "performance/operator.h"

namespace udc::npu {

class WeightSizes {
 public:
  // `source` may be null; then every question fails.
  WeightSizes(const udc_npu_weight_sizes* source, const udc_npu_op& op, int32_t blockDepth)
      : source_(source), op_(op), blockDepth_(blockDepth) {}

  // Encoded bytes of channels [begin, end).
  udc_npu_status bytes(int32_t begin, int32_t end, uint64_t* result, udc_npu_error* error) const;

 private:
  const udc_npu_weight_sizes* source_;
  const udc_npu_op& op_;
  int32_t blockDepth_;
};

// UDC_NPU_INVALID_ARGUMENT if the source contradicts itself.
udc_npu_status validate(const udc_npu_weight_sizes* source, udc_npu_error* error) noexcept;

}  // namespace udc::npu
