#include "performance/layer.h"

#include <iterator>

#include "common/status.h"
#include "performance/block_config.h"
#include "performance/traffic.h"

namespace udc::npu {
namespace {

udc_npu_status noBlock(const udc_npu_op& op, udc_npu_error* error) {
  return fail(error, UDC_NPU_UNSUPPORTED, "%s: no block fits the accelerator's internal memory",
              udc_npu_op_kind_name(op.kind));
}

uint64_t multiplications(const udc_npu_op& op) {
  if (isElementwise(op)) {
    return 0;
  }
  return static_cast<uint64_t>(kernelElements(op) * inputsPerOutput(op)) *
         static_cast<uint64_t>(elements(op.ofm));
}

// Fills the counters of the areas, the total and what rules it.
void setCycles(const Machine& machine, double npu, const AreaBytes& bytes,
               udc_npu_layer_estimate* estimate) {
  double access[kAreaCount];
  for (int area = 0; area < kAreaCount; ++area) {
    access[area] = bytes[area] > 0 ? bytes[area] / machine.areas[area].bytesPerCycle : 0.0;
  }
  udc_npu_cycles& cycles = estimate->cycles;
  cycles = {npu, access[kSram], access[kDram], access[kOnChipFlash], access[kOffChipFlash], npu};
  estimate->ruling_resource = UDC_NPU_RESOURCE_NPU;
  constexpr int kResources[] = {UDC_NPU_RESOURCE_SRAM, UDC_NPU_RESOURCE_DRAM,
                                UDC_NPU_RESOURCE_ONCHIP_FLASH, UDC_NPU_RESOURCE_OFFCHIP_FLASH};
  static_assert(std::size(kResources) == kAreaCount);
  for (int area = 0; area < kAreaCount; ++area) {
    if (access[area] > cycles.total) {
      cycles.total = access[area];
      estimate->ruling_resource = kResources[area];
    }
  }
}

udc_npu_weight_sizes proportional(uint64_t fullBytes) {
  udc_npu_weight_sizes sizes{};
  sizes.full_bytes = fullBytes;
  return sizes;
}

}  // namespace

LayerEstimator::LayerEstimator(const Machine& machine, const udc_npu_op& op)
    : machine_(machine), op_(op), velaBlock_{} {
  hasBlock_ = findVelaBlock(machine, op, &velaBlock_);
  if (machine.blockChoice == UDC_NPU_BLOCK_FEWEST_CYCLES) {
    candidates_ = fittingBlocks(machine, op);
  }
}

udc_npu_status LayerEstimator::estimate(const udc_npu_weight_sizes* sizes, double previousSlack,
                                        udc_npu_layer_estimate* estimate,
                                        udc_npu_error* error) const {
  if (!hasBlock_) {
    return noBlock(op_, error);
  }
  const udc_npu_status status = estimateWith(velaBlock_, sizes, previousSlack, estimate, error);
  if (status != UDC_NPU_OK || candidates_.empty()) {
    return status;
  }
  return improve(sizes, previousSlack, estimate, error);
}

// Replaces Vela's estimate by that of the block with the fewest cycles, if there is a better one.
udc_npu_status LayerEstimator::improve(const udc_npu_weight_sizes* sizes, double previousSlack,
                                       udc_npu_layer_estimate* estimate,
                                       udc_npu_error* error) const {
  // Candidates are compared with slices of proportional size: encoding the weights for each of
  // thousands of blocks would take far too long, and their sizes hardly differ.
  const udc_npu_weight_sizes approximate = proportional(estimate->full_bytes);
  udc_npu_layer_estimate best{};
  bool found = false;
  for (const udc_npu_block& block : candidates_) {
    udc_npu_layer_estimate candidate;
    const udc_npu_status status =
        estimateWith(block, &approximate, previousSlack, &candidate, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (!found || candidate.cycles.total < best.cycles.total) {
      best = candidate;
      found = true;
    }
  }
  // The comparison that counts is with the real sizes.
  const udc_npu_status status = estimateWith(best.block, sizes, previousSlack, &best, error);
  if (status == UDC_NPU_OK && best.cycles.total < estimate->cycles.total) {
    *estimate = best;
    estimate->block.choice = UDC_NPU_BLOCK_FEWEST_CYCLES;
  }
  return status;
}

udc_npu_status LayerEstimator::estimateWith(const udc_npu_block& chosen,
                                            const udc_npu_weight_sizes* sizes, double previousSlack,
                                            udc_npu_layer_estimate* estimate,
                                            udc_npu_error* error) const {
  const Machine& machine = machine_;
  const udc_npu_op& op = op_;
  const udc_npu_block block = chosen;  // may be part of *estimate
  const Placement placement = placementOf(machine, op);
  WeightPlan plan;
  const udc_npu_status status = planWeights(
      machine, op, block, WeightSizes(sizes, op, block.ofm.depth), previousSlack, &plan, error);
  if (status != UDC_NPU_OK) {
    return status;
  }
  *estimate = udc_npu_layer_estimate{};
  estimate->op = op;
  estimate->block = block;
  estimate->buffering = plan.buffering;
  estimate->slice_count = plan.slices.count();
  estimate->first_slice_depth = std::min(plan.slices.first, plan.slices.depth);
  estimate->next_slice_depth = plan.slices.next;
  estimate->buffer_bytes[0] = plan.bufferBytes[0];
  estimate->buffer_bytes[1] = plan.bufferBytes[1];
  estimate->encoded_bytes = plan.encodedBytes;
  estimate->full_bytes = plan.fullBytes;
  estimate->original_weights = static_cast<uint64_t>(weightCount(op));
  estimate->transfer_cycles = plan.transfer;
  estimate->slack = plan.slack;
  estimate->macs = multiplications(op);

  AreaBytes bytes = featureMapTraffic(machine, op, block, placement);
  if (hasWeights(op) && plan.buffering == UDC_NPU_BUFFERING_NONE) {
    bytes[machine.constants] +=
        directWeightTraffic(op, block, static_cast<double>(plan.encodedBytes));
  }
  setCycles(machine, plannedCycles(machine, op, block, placement, plan, previousSlack), bytes,
            estimate);
  const double macsPerCycle =
      static_cast<double>(machine.info->macs_per_core_cycle) * machine.info->cores;
  estimate->utilisation =
      static_cast<double>(estimate->macs) / (estimate->cycles.total * macsPerCycle);
  return UDC_NPU_OK;
}

}  // namespace udc::npu

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_find_block(const udc_npu_performance_config* config,
                                             const udc_npu_op* op, udc_npu_block* block,
                                             udc_npu_error* error) {
  return guarded(error, [&] {
    Machine machine;
    udc_npu_status status = makeMachine(config, &machine, error);
    if (status == UDC_NPU_OK) {
      status = validate(op, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (block == nullptr) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "block is null");
    }
    const udc_npu_op rewritten = rewrite(*op).op;
    return findVelaBlock(machine, rewritten, block) ? UDC_NPU_OK : noBlock(rewritten, error);
  });
}

extern "C" udc_npu_status udc_npu_estimate_layer(const udc_npu_performance_config* config,
                                                 const udc_npu_op* op,
                                                 const udc_npu_weight_sizes* sizes,
                                                 udc_npu_layer_estimate* estimate,
                                                 udc_npu_error* error) {
  return guarded(error, [&] {
    Machine machine;
    udc_npu_status status = makeMachine(config, &machine, error);
    if (status == UDC_NPU_OK) {
      status = validate(op, error);
    }
    if (status == UDC_NPU_OK) {
      status = validate(sizes, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (estimate == nullptr) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "estimate is null");
    }
    const udc_npu_op rewritten = rewrite(*op).op;
    return LayerEstimator(machine, rewritten).estimate(sizes, 0.0, estimate, error);
  });
}

extern "C" udc_npu_status udc_npu_depth_slices(const udc_npu_layer_estimate* estimate,
                                               int32_t* bounds, size_t capacity, size_t* count,
                                               udc_npu_error* error) {
  if (estimate == nullptr || count == nullptr || (bounds == nullptr && capacity > 0)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "estimate, bounds or count is null");
  }
  const Slices slices = {estimate->op.ofm.depth, estimate->first_slice_depth,
                         estimate->next_slice_depth};
  if (slices.depth <= 0 || slices.first <= 0 || slices.next <= 0) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "not a complete estimate");
  }
  const int32_t total = slices.count() + 1;
  *count = static_cast<size_t>(total);
  if (*count > capacity) {
    return fail(error, UDC_NPU_BUFFER_TOO_SMALL, "%d slice bounds do not fit", total);
  }
  for (int32_t i = 0; i < total; ++i) {
    bounds[i] = slices.bound(i);
  }
  return UDC_NPU_OK;
}
