#include "performance/cycles.h"

namespace udc::npu {
namespace {

double cyclesPerElement(const Machine& machine, const udc_npu_op& op) {
  const OutputCycles& table = *machine.outputCycles;
  double output = table.other;
  if (isElementwise(op) && op.ifm_bits == 32) {
    output = isBinary(op) ? table.binary32 : table.unary32;
  } else if (op.kind == UDC_NPU_OP_MUL && op.ofm_bits == 32) {
    output = table.multiply32;
  } else if (op.kind == UDC_NPU_OP_MUL || (!isElementwise(op) && hasWideAccumulator(op))) {
    output = table.multiply;
  } else if (op.kind == UDC_NPU_OP_ADD || op.kind == UDC_NPU_OP_SUB) {
    output = table.addSub;
  } else if (op.kind == UDC_NPU_OP_MAX_POOL) {
    output = table.maxPool;
  }
  const double activation = op.activation == UDC_NPU_ACTIVATION_TABLE  ? table.tableActivation
                            : op.activation == UDC_NPU_ACTIVATION_RELU ? table.reluActivation
                                                                       : 0.0;
  return std::max(output, activation);
}

// Cycles to fetch one input block and to write one output block.
double blockTransfer(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                     const Placement& placement, const Shape& ofm) {
  const MemoryArea& in = machine.areas[placement.ifm];
  const MemoryArea& out = machine.areas[placement.ofm];
  // The model counts elements here, not bytes, whatever the width.
  const double read =
      burstTraffic(machine, {true, placement.ifm, op.ifm_format, op.ifm_bits}, block.ifm, op.ifm,
                   static_cast<double>(elements(minimum(op.ifm, block.ifm))));
  const double written =
      burstTraffic(machine, {false, placement.ofm, op.ofm_format, op.ofm_bits}, block.ofm, ofm,
                   static_cast<double>(elements(minimum(ofm, block.ofm))));
  return in.readLatency + read / in.bytesPerCycle + out.writeLatency + written / out.bytesPerCycle;
}

double elementwiseCycles(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                         const Placement& placement, const Shape& ofm) {
  const double perElement = cyclesPerElement(machine, op);
  const double blockElements = static_cast<double>(elements(block.ofm));
  const double command =
      (blockTransfer(machine, op, block, placement, ofm) + perElement * blockElements) / 4 /
      blockElements;
  const int64_t depth = op.ofm_format == UDC_NPU_NHCWB16 ? roundUp(ofm.depth, 16) : ofm.depth;
  return std::ceil(std::max(perElement, command) * static_cast<double>(ofm.height) * ofm.width *
                   static_cast<double>(depth));
}

// The dot product unit on one block of output.
class DotProductUnit {
 public:
  DotProductUnit(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                 const Shape& ofm, const Shape& ofmBlock)
      : machine_(machine), op_(op), partKernel_(op.kind == UDC_NPU_OP_CONV && block.part_kernel) {
    const bool smallest = machine.accelerator == UDC_NPU_ETHOS_U55_32;
    Shape unit = machine.info->ofm_ublock;
    int32_t rows = ofmBlock.height;
    if (unit.height == 2 && hasWeights(op) && ofm.height == 1 && ofm.width % 2 == 0 &&
        op.kernel_height == 1) {
      // One row of output: the micro-block takes four columns instead of 2 x 2.
      unit.height = 1;
      unit.width = 4;
      rows = 1;
    }
    wide_ = ceilDiv(ofmBlock.width, unit.width);
    high_ = ceilDiv(rows, unit.height);
    deep_ = ceilDiv(ofmBlock.depth, unit.depth);
    weightCycles_ = 32 * unit.depth / 8;
    inputSteps_ = ceilDiv(std::min(op.ifm.depth, block.ifm.depth), 8);
    wideAccumulator_ = hasWideAccumulator(op);
    delay_ = smallest ? (wideAccumulator_ ? 7 : 3)
             : wideAccumulator_ && machine.accelerator <= UDC_NPU_ETHOS_U55_128 ? 3
                                                                                : 2;
    doubled_ = op.ifm_bits == 16 && !smallest;
  }

  // Cycles of all sub-kernels.
  int64_t cycles() const {
    const int limit = subKernelLimit(op_);
    int64_t total = 0;
    for (int y = 0; y < op_.kernel_height; y += limit) {
      for (int x = 0; x < op_.kernel_width; x += limit) {
        total += subKernel(int64_t{std::min(limit, op_.kernel_height - y)} *
                           std::min(limit, op_.kernel_width - x));
      }
    }
    return total;
  }

 private:
  int64_t subKernel(int64_t n) const {
    const int64_t units = wide_ * high_;
    int64_t steps;
    int64_t cycles;
    if (isPooling(op_)) {
      steps = 1;
      cycles = std::max<int64_t>(4, n) * units * deep_ * (doubled_ ? 2 : 1);
    } else if (isDepthwise(op_)) {
      steps = ceilDiv(n, 4);
      cycles = std::max(weightCycles_, (op_.ifm_bits == 16 ? 8 : 4) * units) * steps * deep_;
    } else if (partKernel_) {
      steps = ceilDiv(n, op_.ifm_bits == 16 ? 2 : 4);
      cycles = std::max(weightCycles_, 4 * units) * steps * inputSteps_ * deep_;
    } else {
      steps = n;
      cycles = std::max(weightCycles_, 4 * units) * steps * deep_;
    }
    return cycles + pipelineDelay(steps) * (partKernel_ ? inputSteps_ : 1);
  }

  // Steps on a single micro-block wait for the accumulators of the step before.
  int64_t pipelineDelay(int64_t steps) const {
    int64_t delay = 0;
    if (wide_ == 1 && high_ == 1) {
      delay = deep_ == 1 ? delay_ * steps : steps > 1 ? delay_ * (steps - 1) * deep_ : 0;
    }
    if (machine_.accelerator == UDC_NPU_ETHOS_U55_32 && wideAccumulator_ &&
        (wide_ == 1 || high_ == 1) && deep_ > 1) {
      delay += delay_ * deep_;
    }
    return delay;
  }

  const Machine& machine_;
  const udc_npu_op& op_;
  bool partKernel_;
  bool wideAccumulator_ = false;
  bool doubled_ = false;
  int64_t wide_ = 0;
  int64_t high_ = 0;
  int64_t deep_ = 0;
  int64_t weightCycles_ = 0;
  int64_t inputSteps_ = 0;
  int64_t delay_ = 0;
};

}  // namespace

Placement placementOf(const Machine& machine, const udc_npu_op& op) {
  const auto area = [&](int32_t placement) {
    return placement == UDC_NPU_PLACE_FAST ? kSram : machine.arena;
  };
  return {area(op.ifm_placement), op.ifm2_scalar != 0 ? machine.constants : area(op.ifm2_placement),
          area(op.ofm_placement)};
}

Placement arenaPlacement(const Machine& machine) {
  return {machine.arena, machine.arena, machine.arena};
}

double burstTraffic(const Machine& machine, const Access& access, const Shape& block,
                    const Shape& tensor, double amount) {
  const int64_t bits = access.bits;
  const int64_t depth = block.depth;
  const int64_t width = block.width;
  const int64_t cores = machine.info->cores;
  int64_t burstBits;
  if (access.format == UDC_NPU_NHCWB16) {
    if (2 * bits * tensor.width == depth) {
      burstBits = bits * depth * width;
    } else {
      burstBits = 16 * bits * width * (access.read ? 1 : cores);
    }
  } else if (access.read) {
    burstBits = bits / 8 == depth ? bits * depth * width : bits * depth;
  } else {
    burstBits = depth <= 16 && bits / 8 == depth
                    ? bits * depth * width
                    : std::min<int64_t>({512, 16 * bits * cores, depth * bits});
  }
  const int64_t length = machine.areas[access.area].burstLength;
  return amount * (static_cast<double>(length) /
                   static_cast<double>(std::min(length, std::max<int64_t>(burstBits / 8, 1))));
}

double npuCycles(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                 const Placement& placement, Area scaleArea, int32_t depth) {
  const Shape ofm = {op.ofm.height, op.ofm.width, depth};
  if (isElementwise(op)) {
    return elementwiseCycles(machine, op, block, placement, ofm);
  }
  const Shape ofmBlock = minimum(ofm, block.ofm);
  int64_t dotProducts = DotProductUnit(machine, op, block, ofm, ofmBlock).cycles();
  if (!isEqualDepth(op)) {
    dotProducts *= ceilDiv(op.ifm.depth, std::min(op.ifm.depth, block.ifm.depth));
  }
  double dpu = static_cast<double>(dotProducts) / machine.info->cores;

  double output =
      std::ceil(cyclesPerElement(machine, op) * static_cast<double>(elements(ofmBlock)));
  if (hasWeights(op)) {
    output = std::max(output, static_cast<double>(kScaleRecordBytes * int64_t{ofmBlock.depth} *
                                                  machine.areas[scaleArea].readLatency) /
                                  256);
  }
  const double command = (blockTransfer(machine, op, block, placement, ofm) + output + dpu) / 4;
  dpu = std::max(dpu, command);
  output = std::max(output, command);
  const double blocks =
      static_cast<double>(ceilDiv(ofm.height, ofmBlock.height) *
                          ceilDiv(ofm.width, ofmBlock.width) * ceilDiv(ofm.depth, ofmBlock.depth));
  // The slower unit runs all the time, the faster one's first or last block is not hidden.
  return std::trunc(dpu > output ? dpu * blocks + output : output * blocks + dpu);
}

}  // namespace udc::npu
