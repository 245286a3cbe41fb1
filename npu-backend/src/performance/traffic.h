// Bytes that one operator moves to and from each memory.
#pragma once

#include <array>

#include "performance/cycles.h"

namespace udc::npu {

// Bytes by area, bursts' waste included.
using AreaBytes = std::array<double, kAreaCount>;

// Traffic of feature maps.
AreaBytes featureMapTraffic(const Machine& machine, const udc_npu_op& op,
                            const udc_npu_block& block, const Placement& placement);

// Bytes of weights and scales, encodedBytes long in total, that an operator reads where they are
// stored. Weights are read again for every block of output.
double directWeightTraffic(const udc_npu_op& op, const udc_npu_block& block, double encodedBytes);

}  // namespace udc::npu
