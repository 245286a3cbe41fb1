// How an operator's weights reach fast storage: depth slices, buffers and what copying costs.
#pragma once

#include <array>

#include "performance/cycles.h"
#include "performance/weight_sizes.h"

namespace udc::npu {

// Depth slices 0, first, first + next, first + 2 next, ... depth.
struct Slices {
  int32_t depth;
  int32_t first;
  int32_t next;

  int32_t count() const {
    return first >= depth ? 1 : 1 + static_cast<int32_t>(ceilDiv(depth - first, next));
  }
  int32_t bound(int32_t i) const {
    return i == 0 ? 0
                  : static_cast<int32_t>(std::min<int64_t>(depth, first + int64_t{i - 1} * next));
  }
};

struct WeightPlan {
  int32_t buffering;  // udc_npu_buffering
  Slices slices;
  uint64_t fullBytes;                   // all channels in one range
  uint64_t encodedBytes;                // all slices
  uint64_t firstBytes;                  // first slice
  std::array<uint64_t, 2> bufferBytes;  // the largest even and odd slice, if buffered
  double transfer;                      // cycles to copy fullBytes; 0 if not buffered
  double slack;                         // cycles of the operator, or of its last slice
};

// Cycles to copy bytes from one area to another.
double copyCycles(const Machine& machine, Area from, Area to, uint64_t bytes);

// Plans an operator without weights, too: it only has slack. `previousSlack` are the cycles in
// which the previous operator leaves the copy engine idle.
udc_npu_status planWeights(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                           const WeightSizes& sizes, double previousSlack, WeightPlan* plan,
                           udc_npu_error* error);

// NPU cycles of an operator with this plan.
double plannedCycles(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                     const Placement& placement, const WeightPlan& plan, double previousSlack);

}  // namespace udc::npu
