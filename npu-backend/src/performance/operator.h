// Classes of operators, their validation and the rewrites that precede costing.
#pragma once

#include "performance/arithmetic.h"
#include "udc/npu/performance.h"

namespace udc::npu {

constexpr bool isPooling(const udc_npu_op& op) {
  return op.kind == UDC_NPU_OP_MAX_POOL || op.kind == UDC_NPU_OP_AVERAGE_POOL;
}
constexpr bool isDepthwise(const udc_npu_op& op) { return op.kind == UDC_NPU_OP_DEPTHWISE; }
constexpr bool isFullyConnected(const udc_npu_op& op) {
  return op.kind == UDC_NPU_OP_FULLY_CONNECTED;
}
// Convolutions with a spatial kernel: those whose weights the block search weighs.
constexpr bool isConvolution(const udc_npu_op& op) {
  return op.kind == UDC_NPU_OP_CONV || isDepthwise(op);
}
constexpr bool hasWeights(const udc_npu_op& op) {
  return isConvolution(op) || isFullyConnected(op);
}
constexpr bool isElementwise(const udc_npu_op& op) {
  return op.kind >= UDC_NPU_OP_ADD && op.kind <= UDC_NPU_OP_COUNT_LEADING_ZEROS;
}
constexpr bool isUnary(const udc_npu_op& op) {
  return op.kind >= UDC_NPU_OP_ABS && op.kind <= UDC_NPU_OP_COUNT_LEADING_ZEROS;
}
constexpr bool isBinary(const udc_npu_op& op) { return isElementwise(op) && !isUnary(op); }
// Output channel c depends on input channel c only, so both blocks are equally deep.
constexpr bool isEqualDepth(const udc_npu_op& op) {
  return isElementwise(op) || isPooling(op) || isDepthwise(op);
}
// Accumulators of 40 bits; others take 32.
constexpr bool hasWideAccumulator(const udc_npu_op& op) {
  return op.ifm_bits == 16 && !isPooling(op);
}
constexpr int64_t kernelElements(const udc_npu_op& op) {
  return int64_t{op.kernel_height} * op.kernel_width;
}
// Bias and scale of one output channel, as stored with the weights.
constexpr int kScaleRecordBytes = 10;

// Kernels are processed in tiles of at most this many rows and columns.
constexpr int subKernelLimit(const udc_npu_op& op) {
  return isFullyConnected(op) || isElementwise(op) ? 1 : 8;
}
// Input channels that each output channel sums over.
constexpr int64_t inputsPerOutput(const udc_npu_op& op) {
  return isDepthwise(op) || isPooling(op) ? 1 : op.ifm.depth;
}
constexpr int64_t weightCount(const udc_npu_op& op) {
  return hasWeights(op) ? kernelElements(op) * inputsPerOutput(op) * op.ofm.depth : 0;
}

// Checks a caller's operator: UNSUPPORTED kinds and INVALID_ARGUMENT values.
udc_npu_status validate(const udc_npu_op* op, udc_npu_error* error) noexcept;

// Rewrites a valid operator.
udc_npu_rewritten_op rewrite(const udc_npu_op& op) noexcept;

}  // namespace udc::npu
