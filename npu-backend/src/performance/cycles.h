// Cycles that the NPU itself spends on one operator, with its weights at hand.
#pragma once

#include "performance/machine.h"
#include "performance/operator.h"

namespace udc::npu {

// Where an operator's tensors are.
struct Placement {
  Area ifm;
  Area ifm2;
  Area ofm;
};

// Placement of the operator's tensors as its fields say.
Placement placementOf(const Machine& machine, const udc_npu_op& op);
// Placement before anything is moved to fast storage: decisions on weights are made with it.
Placement arenaPlacement(const Machine& machine);

// One side of a feature map's traffic.
struct Access {
  bool read;
  Area area;
  int32_t format;  // udc_npu_tensor_format
  int32_t bits;
};

// `amount` (elements or bytes) of traffic, inflated by what bursts shorter than the area's burst
// length waste. `block` is not clipped to the tensor.
double burstTraffic(const Machine& machine, const Access& access, const Shape& block,
                    const Shape& tensor, double amount);

// NPU cycles of a rewritten operator, if its scale records are in scaleArea. `depth` stands in for
// the OFM's depth: the cycles of a slice.
double npuCycles(const Machine& machine, const udc_npu_op& op, const udc_npu_block& block,
                 const Placement& placement, Area scaleArea, int32_t depth);

}  // namespace udc::npu
