#include "performance/buffering.h"

#include "common/status.h"

namespace udc::npu {
namespace {

// Slices are multiples of this many channels, but for the last.
constexpr int32_t kSliceUnit = 16;

// Encoded sizes of one way to slice.
struct SlicedSizes {
  uint64_t total;
  uint64_t first;
  std::array<uint64_t, 2> largest;  // of the even and the odd slices

  uint64_t doubleBuffer() const { return largest[0] + largest[1]; }
  uint64_t largestSlice() const { return std::max(largest[0], largest[1]); }
};

udc_npu_status measure(const WeightSizes& sizes, const Slices& slices, SlicedSizes* result,
                       udc_npu_error* error) {
  *result = SlicedSizes{};
  for (int32_t i = 0; i < slices.count(); ++i) {
    uint64_t bytes = 0;
    const udc_npu_status status = sizes.bytes(slices.bound(i), slices.bound(i + 1), &bytes, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
    result->total += bytes;
    if (i == 0) {
      result->first = bytes;
    }
    result->largest[i % 2] = std::max(result->largest[i % 2], bytes);
  }
  return UDC_NPU_OK;
}

double roundDownTo(double value, double unit) { return std::floor(value / unit) * unit; }

// Rounds fractions as Vela does: up to the unit, unless less than 1 above it.
double roundUpTo(double value, double unit) { return std::floor((value + unit - 1) / unit) * unit; }

// Depth of the first slice, which is copied before the operator starts.
int32_t firstSlice(int32_t depth, double prefetchedShare) {
  return static_cast<int32_t>(
      std::max<double>(kSliceUnit, roundDownTo(depth * prefetchedShare, kSliceUnit)));
}

// Depth of the other slices, before alignment: each is copied while its predecessor is computed.
double nextSlice(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                 int32_t first, double fullBytes, double transfer, double halfLimit) {
  const double depth = op.ofm.depth;
  const double cycles = npuCycles(machine, op, block, arenaPlacement(machine), kSram, first);
  const double next = roundUpTo(depth * (cycles / transfer), block.ofm.depth);
  return next / depth * fullBytes > halfLimit ? halfLimit / fullBytes * depth : next;
}

// Slices as deep as a block or several, or multiples of the unit below that.
int32_t alignSlice(double depth, int32_t blockDepth) {
  const double aligned = roundDownTo(depth, depth > blockDepth ? blockDepth : kSliceUnit);
  return static_cast<int32_t>(std::min<double>(std::max<double>(aligned, kSliceUnit), 1 << 30));
}

// Aligns the slices, shrinks them until two fit in fast storage, and measures them.
udc_npu_status fitSlices(const WeightSizes& sizes, int32_t blockDepth, uint64_t limit, double next,
                         Slices* slices, SlicedSizes* measured, udc_npu_error* error) {
  for (;;) {
    slices->next = alignSlice(next, blockDepth);
    const udc_npu_status status = measure(sizes, *slices, measured, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (measured->doubleBuffer() <= limit || slices->first == kSliceUnit) {
      return UDC_NPU_OK;
    }
    next = slices->next;
    if (slices->next > slices->first) {
      next = static_cast<double>(roundUp(slices->next / 2, kSliceUnit));
    } else {
      slices->first = static_cast<int32_t>(roundUp(slices->first / 2, kSliceUnit));
    }
  }
}

bool isBufferable(const Machine& machine, const udc_npu_op& op) {
  return isConvolution(op) && (machine.constants == kDram || machine.constants == kOffChipFlash);
}

}  // namespace

double copyCycles(const Machine& machine, Area from, Area to, uint64_t bytes) {
  const auto amount = static_cast<double>(bytes);
  const MemoryArea& source = machine.areas[from];
  return std::max(std::floor(amount / source.bytesPerCycle) + source.readLatency,
                  std::floor(amount / machine.areas[to].bytesPerCycle));
}

udc_npu_status planWeights(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                           const WeightSizes& sizes, double previousSlack, WeightPlan* plan,
                           udc_npu_error* error) {
  const Placement arena = arenaPlacement(machine);
  const int32_t depth = op.ofm.depth;
  *plan = WeightPlan{};
  plan->slices = {depth, depth, depth};
  plan->slack = npuCycles(machine, op, block, arena, kSram, depth);
  if (!hasWeights(op)) {
    return UDC_NPU_OK;
  }
  udc_npu_status status = sizes.bytes(0, depth, &plan->fullBytes, error);
  if (status != UDC_NPU_OK) {
    return status;
  }
  plan->encodedBytes = plan->firstBytes = plan->fullBytes;
  if (!isBufferable(machine, op)) {
    return UDC_NPU_OK;
  }

  const auto limit = static_cast<uint64_t>(machine.stagingLimit);
  const auto halfLimit = static_cast<double>(limit / 2);
  const auto full = static_cast<double>(plan->fullBytes);
  const double transfer = copyCycles(machine, machine.constants, kSram, plan->fullBytes);
  const double prefetch =
      std::min(transfer > previousSlack ? previousSlack / transfer * full : full, halfLimit);
  Slices slices = plan->slices;
  double slack = plan->slack;
  SlicedSizes measured{plan->fullBytes, plan->fullBytes, {plan->fullBytes, 0}};
  if (prefetch < full) {
    slices.first = firstSlice(depth, prefetch / full);
    const double next = nextSlice(machine, op, block, slices.first, full, transfer, halfLimit);
    status = fitSlices(sizes, block.ofm.depth, limit, next, &slices, &measured, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
    const int32_t last = slices.count() - 1;
    slack = npuCycles(machine, op, block, arena, kSram, depth - slices.bound(last));
  }
  if (measured.largestSlice() > limit) {
    return UDC_NPU_OK;  // not even one slice fits: read where they are, in one range
  }
  const bool twice = measured.doubleBuffer() <= limit && measured.largestSlice() < measured.total;
  plan->buffering = twice ? UDC_NPU_BUFFERING_DOUBLE : UDC_NPU_BUFFERING_STANDARD;
  plan->slices = slices;
  plan->encodedBytes = measured.total;
  plan->firstBytes = measured.first;
  plan->bufferBytes =
      twice ? measured.largest : std::array<uint64_t, 2>{measured.largestSlice(), 0};
  plan->transfer = transfer;
  plan->slack = slack;
  return UDC_NPU_OK;
}

double plannedCycles(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                     const Placement& placement, const WeightPlan& plan, double previousSlack) {
  const bool buffered = plan.buffering != UDC_NPU_BUFFERING_NONE;
  double cycles =
      npuCycles(machine, op, block, placement, buffered ? kSram : machine.constants, op.ofm.depth);
  const double first = copyCycles(machine, machine.constants, kSram, plan.firstBytes);
  if (plan.buffering == UDC_NPU_BUFFERING_DOUBLE) {
    cycles = std::max(plan.transfer - previousSlack + plan.slack,
                      cycles + std::max(first - previousSlack, 0.0));
  } else if (buffered) {
    cycles += plan.transfer - std::min(first, previousSlack);
  }
  if (op.table_bytes > 0) {
    const double table =
        copyCycles(machine, machine.constants, kSram, static_cast<uint64_t>(op.table_bytes));
    cycles += buffered ? table : std::max(table - previousSlack, 0.0);
  }
  return cycles;
}

}  // namespace udc::npu

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_transferred_bytes(const udc_npu_performance_config* config,
                                                    double transfer_cycles, uint64_t* bytes,
                                                    udc_npu_error* error) {
  Machine machine;
  if (const udc_npu_status status = makeMachine(config, &machine, error); status != UDC_NPU_OK) {
    return status;
  }
  if (bytes == nullptr || !(transfer_cycles >= 0 && transfer_cycles <= 1e12)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "bytes is null or the cycles are not in 0..1e12");
  }
  // The largest size that does not take a cycle longer.
  const MemoryArea& source = machine.areas[machine.constants];
  const double largest =
      std::ceil((transfer_cycles - source.readLatency + 1) * source.bytesPerCycle) - 1;
  const int64_t candidate = largest > 0 ? roundDown(static_cast<int64_t>(largest), 16) : 0;
  if (copyCycles(machine, machine.constants, kSram, static_cast<uint64_t>(candidate)) !=
      transfer_cycles) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "no encoded size takes %.17g cycles to copy",
                transfer_cycles);
  }
  *bytes = static_cast<uint64_t>(candidate);
  return UDC_NPU_OK;
}
