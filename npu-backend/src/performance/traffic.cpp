#include "performance/traffic.h"

namespace udc::npu {
namespace {

int64_t storedDepth(int64_t depth, int32_t format) {
  return format == UDC_NPU_NHCWB16 ? roundUp(depth, 16) : depth;
}

// Blocks of output for which the input (and unbuffered weights) are fetched.
int64_t fetches(const udc_npu_op& op, const Shape& ofmBlock) {
  const int64_t plane =
      ceilDiv(op.ofm.height, ofmBlock.height) * ceilDiv(op.ofm.width, ofmBlock.width);
  // In operators of equal depth each block reads its own channels.
  return isDepthwise(op) || isPooling(op) ? plane : plane * ceilDiv(op.ofm.depth, ofmBlock.depth);
}

// Bytes of one input of an elementwise operator. A second input of one element takes part in the
// first input's rounding; in 8 bits it travels with the command. Constants are stored as NHWC.
double elementwiseInput(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                        bool second, Area area) {
  const bool constant = second && op.ifm2_scalar != 0;
  const bool scalar = second && elements(op.ifm2) == 1;
  if (scalar && op.ifm_bits == 8) {
    return 0;
  }
  const int32_t format = second && !scalar ? op.ifm2_format : op.ifm_format;
  const int64_t count =
      scalar ? storedDepth(1, format)
             : int64_t{op.ofm.height} * op.ofm.width * storedDepth(op.ofm.depth, format);
  return burstTraffic(machine, {true, area, constant ? UDC_NPU_NHWC : format, op.ifm_bits},
                      block.ifm, second ? op.ifm2 : op.ifm,
                      static_cast<double>(count * (op.ifm_bits / 8)));
}

}  // namespace

AreaBytes featureMapTraffic(const Machine& machine, const udc_npu_op& op,
                            const udc_npu_block& block, const Placement& placement) {
  AreaBytes bytes{};
  const int64_t written = int64_t{op.ofm.height} * op.ofm.width *
                          storedDepth(op.ofm.depth, op.ofm_format) * (op.ofm_bits / 8);
  bytes[placement.ofm] += burstTraffic(machine, {false, placement.ofm, op.ofm_format, op.ofm_bits},
                                       block.ofm, op.ofm, static_cast<double>(written));
  if (isElementwise(op)) {
    bytes[placement.ifm] += elementwiseInput(machine, op, block, false, placement.ifm);
    if (isBinary(op)) {
      bytes[placement.ifm2] += elementwiseInput(machine, op, block, true, placement.ifm2);
    }
    return bytes;
  }
  const int limit = subKernelLimit(op);
  const Shape ofmBlock = minimum(op.ofm, block.ofm);
  const int64_t read = int64_t{std::min(op.ifm.height, block.ifm.height)} *
                       std::min(op.ifm.width, block.ifm.width) *
                       storedDepth(op.ifm.depth, op.ifm_format) *
                       (ceilDiv(op.kernel_width, limit) * ceilDiv(op.kernel_height, limit)) *
                       fetches(op, ofmBlock) * (op.ifm_bits / 8);
  bytes[placement.ifm] += burstTraffic(machine, {true, placement.ifm, op.ifm_format, op.ifm_bits},
                                       block.ifm, op.ifm, static_cast<double>(read));
  return bytes;
}

double directWeightTraffic(const udc_npu_op& op, const udc_npu_block& block, double encodedBytes) {
  const Shape ofmBlock = minimum(op.ofm, block.ofm);
  const double scales = static_cast<double>(kScaleRecordBytes) * op.ofm.depth;
  const int64_t blockDepth = isDepthwise(op) ? op.ifm.depth : ofmBlock.depth;
  const double weightsRead = static_cast<double>(kernelElements(op) * inputsPerOutput(op) *
                                                 blockDepth * fetches(op, ofmBlock));
  return weightsRead * ((encodedBytes - scales) / static_cast<double>(weightCount(op))) + scales;
}

}  // namespace udc::npu
