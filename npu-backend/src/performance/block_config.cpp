#include "performance/block_config.h"

#include <limits>

namespace udc::npu {
namespace {

constexpr Shape kMaxBlock = {32, 64, 128};

// The cycle model's traversal flag. Strictly greater, where the weight encoder takes part-kernel
// order in ties as well: Vela disagrees with itself there, and we follow it.
bool usesPartKernel(const udc_npu_op& op) {
  if (!isConvolution(op)) {
    return false;
  }
  const double depth = op.ifm.depth;
  if (op.ifm.depth <= 8) {
    return true;
  }
  const bool narrow = op.ifm_bits == 8;
  const int64_t kernel = kernelElements(op);
  const double partKernel =
      depth * kernel / (roundUp(op.ifm.depth, 8) * roundUp(kernel, narrow ? 4 : 2));
  const double depthFirst = depth / roundUp(op.ifm.depth, narrow ? 32 : 16);
  return partKernel > depthFirst;
}

// Enumerates the fitting blocks of one operator.
class BlockSpace {
 public:
  BlockSpace(const Machine& machine, const udc_npu_op& op)
      : op_(op),
        ublock_(machine.info->ofm_ublock),
        ifm_(isBinary(op) && elements(op.ifm2) > elements(op.ifm) ? op.ifm2 : op.ifm),
        partKernel_(usesPartKernel(op)),
        extentHeight_((op.kernel_height - 1) * op.dilation_y + 1),
        extentWidth_((op.kernel_width - 1) * op.dilation_x + 1),
        accumulatorBits_(hasWideAccumulator(op) ? 40 : 32) {
    const ShramGranules& g = *machine.granules;
    const bool elementwise = isElementwise(op);
    ifmGranule_ = op.ifm_bits == 8    ? (elementwise ? g.ifm8Elementwise : g.ifm8)
                  : op.ifm_bits == 16 ? (elementwise ? g.ifm16Elementwise : g.ifm16)
                                      : g.ifm32;
    accumulatorGranule_ = accumulatorBits_ == 40 ? g.acc40 : g.acc32;
    const int tableBanks = op.activation == UDC_NPU_ACTIVATION_TABLE ? kTableBanks : 0;
    banks_ = machine.info->shram_banks - std::max(tableBanks, machine.reservedEndBanks);
    ifmBlockDepth_ = static_cast<int32_t>(
        op.ifm_bits == 16
            ? roundUp(std::min(ifm_.depth, 16), 4)
            : roundUp(std::min(ifm_.depth, partKernel_ ? 16 : 32), machine.info->ifm_ublock.depth));
  }

  const Shape& ifm() const { return ifm_; }
  int32_t extentHeight() const { return extentHeight_; }
  int32_t extentWidth() const { return extentWidth_; }

  // Height of the block as far as accumulators are concerned: rows that a 1-D operator lacks take
  // no room, although the block is reported with them.
  int32_t effectiveHeight(int32_t height) const {
    const bool oneRow = op_.ofm.height == 1 && op_.kernel_height == 1 && ublock_.height == 2;
    return oneRow ? 1 : height;
  }

  // Calls visit(block) for each fitting block, in Vela's order.
  template <typename Visit>
  void forEach(Visit&& visit) const {
    const auto limit = [](int32_t axis, int32_t max, int32_t unit) {
      return static_cast<int32_t>(roundUp(std::min(axis, max), unit));
    };
    const Shape space = {limit(op_.ofm.height, kMaxBlock.height, ublock_.height),
                         limit(op_.ofm.width, kMaxBlock.width, ublock_.width),
                         limit(op_.ofm.depth, kMaxBlock.depth, ublock_.depth)};
    // Blocks that stop short of the whole depth end at multiples of 16 channels.
    const auto align = [&](int32_t depth) {
      return depth < op_.ofm.depth ? static_cast<int32_t>(roundUp(depth, 16)) : depth;
    };
    std::vector<uint8_t> skip;
    const int32_t side = std::max(space.height, space.width) + 1;
    for (int32_t depth = align(std::max(ublock_.depth, std::min(space.depth, 16)));
         depth <= space.depth; depth = align(depth + ublock_.depth)) {
      // A block that does not fit rules out its transpose at the same depth.
      skip.assign(static_cast<size_t>(side) * side, 0);
      for (int32_t height = ublock_.height; height <= space.height; height += ublock_.height) {
        for (int32_t width = ublock_.width; width <= space.width; width += ublock_.width) {
          if (skip[static_cast<size_t>(height) * side + width] != 0) {
            continue;
          }
          const udc_npu_block block = makeBlock({height, width, depth});
          if (fits(block)) {
            visit(block);
          } else {
            skip[static_cast<size_t>(width) * side + height] = 1;
          }
        }
      }
    }
  }

 private:
  udc_npu_block makeBlock(const Shape& ofm) const {
    const auto input = [](int32_t out, int32_t stride, int32_t extent, int32_t unit) {
      return static_cast<int32_t>(roundUp((out - 1) * stride + std::min(extent, 8), unit));
    };
    const Shape ifm = {input(ofm.height, op_.stride_y, extentHeight_, ublock_.height),
                       input(ofm.width, op_.stride_x, extentWidth_, ublock_.width),
                       isEqualDepth(op_) ? ofm.depth : ifmBlockDepth_};
    return {ofm, ifm, partKernel_ ? 1 : 0, accumulatorBits_, UDC_NPU_BLOCK_VELA};
  }

  bool fits(const udc_npu_block& block) const {
    // Everything is double buffered, in banks of 1 KiB.
    const int64_t ifmRow = roundUp(int64_t{block.ifm.depth} * op_.ifm_bits / 8, 8);
    const int64_t ifmBanks = roundUp(
        2 * ceilDiv(int64_t{block.ifm.height} * block.ifm.width * ifmRow, 1024), ifmGranule_);
    if (isElementwise(op_)) {
      const int inputs = op_.ifm2_scalar != 0 ? 1 : 2;
      return kReservedOutputBanks + inputs * ifmBanks <= banks_;
    }
    const int64_t accumulators = int64_t{effectiveHeight(block.ofm.height)} * block.ofm.width *
                                 roundUp(block.ofm.depth, 8) * accumulatorBits_ / 8;
    const int64_t accumulatorBanks = roundUp(2 * ceilDiv(accumulators, 1024), accumulatorGranule_);
    return kReservedOutputBanks + ifmBanks <= banks_ - accumulatorBanks;
  }

  const udc_npu_op& op_;
  Shape ublock_;
  Shape ifm_;
  bool partKernel_;
  int32_t extentHeight_;
  int32_t extentWidth_;
  int32_t accumulatorBits_;
  int32_t ifmBlockDepth_ = 0;
  int ifmGranule_ = 0;
  int accumulatorGranule_ = 0;
  int64_t banks_ = 0;
};

// Elements fetched per output element. The order of the operations is Vela's: equal costs must
// come out equal to the last bit, because ties are decided separately.
double refetchCost(const BlockSpace& space, const udc_npu_op& op, const udc_npu_block& block) {
  const double outputs = static_cast<double>(elements(op.ofm));
  const int32_t height = space.effectiveHeight(block.ofm.height);
  double cost;
  if (isElementwise(op)) {
    cost = std::max(outputs / static_cast<double>(elements(block.ofm)), 1.0);
  } else {
    const double blocksHigh = static_cast<double>(op.ofm.height) / height;
    const double blocksWide = static_cast<double>(op.ofm.width) / block.ofm.width;
    const double blocksDeep = static_cast<double>(op.ofm.depth) / block.ofm.depth;
    const int64_t wholeHigh = ceilDiv(op.ofm.height, height);
    const int64_t wholeWide = ceilDiv(op.ofm.width, block.ofm.width);
    const int64_t wholeDeep = ceilDiv(op.ofm.depth, block.ofm.depth);
    const int64_t depth = space.ifm().depth;
    double weights = 0;
    if (isConvolution(op)) {
      weights = static_cast<double>(int64_t{space.extentWidth()} * space.extentHeight() * depth *
                                    (wholeWide * wholeHigh));
      if (!isDepthwise(op)) {
        weights *= block.ofm.depth * blocksDeep;
      }
    }
    const int64_t repeats = ceilDiv(space.extentWidth(), 8) * ceilDiv(space.extentHeight(), 8);
    double inputs =
        static_cast<double>(int64_t{block.ifm.height} * block.ifm.width * depth * repeats) *
        (blocksWide * blocksHigh);
    if (!isEqualDepth(op)) {
      inputs *= static_cast<double>(wholeDeep);
    }
    cost = (inputs + weights) / outputs;
  }
  if (elements(space.ifm()) < elements(block.ifm) * 2) {
    cost /= 2;  // the whole input stays in both halves of the double buffer
  }
  return cost;
}

}  // namespace

bool findVelaBlock(const Machine& machine, const udc_npu_op& op, udc_npu_block* block) {
  const BlockSpace space(machine, op);
  const double infinity = std::numeric_limits<double>::infinity();
  double best = infinity;
  double bestCoverage = infinity;
  bool found = false;
  space.forEach([&](const udc_npu_block& candidate) {
    const double cost = refetchCost(space, op, candidate);
    if (cost > best) {
      return;
    }
    if (cost == best) {
      // Only small blocks may replace an equally good one, if they cover more of the input.
      if (candidate.ofm.height > 4 || candidate.ofm.width > 4) {
        return;
      }
      const Shape& ifm = space.ifm();
      const double coverage =
          static_cast<double>(int64_t{ifm.height} * ifm.width) /
          static_cast<double>(int64_t{std::min(ifm.height, candidate.ifm.height)} *
                              std::min(ifm.width, candidate.ifm.width));
      if (coverage > bestCoverage) {
        return;
      }
      bestCoverage = coverage;
    } else {
      bestCoverage = infinity;
    }
    best = cost;
    *block = candidate;
    found = true;
  });
  return found;
}

std::vector<udc_npu_block> fittingBlocks(const Machine& machine, const udc_npu_op& op) {
  std::vector<udc_npu_block> blocks;
  BlockSpace(machine, op).forEach([&](const udc_npu_block& block) { blocks.push_back(block); });
  return blocks;
}

}  // namespace udc::npu
