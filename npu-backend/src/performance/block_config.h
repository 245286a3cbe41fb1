// The search for the block (tile of the output) in which the NPU computes an operator.
#pragma once

#include <vector>

#include "performance/machine.h"
#include "performance/operator.h"

namespace udc::npu {

// Block by Vela's rule: the least data fetched again per output element. Returns false if no block
// fits the internal SRAM.
bool findVelaBlock(const Machine& machine, const udc_npu_op& op, udc_npu_block* block);

// Every block of Vela's search space that fits the internal SRAM.
std::vector<udc_npu_block> fittingBlocks(const Machine& machine, const udc_npu_op& op);

}  // namespace udc::npu
