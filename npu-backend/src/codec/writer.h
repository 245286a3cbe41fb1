// Carries out a plan.
#pragma once

#include <cstdint>

#include "codec/plan.h"
#include "codec/span.h"

namespace udc::npu {

// Writes plan.bytes() bytes to `out`. The plan must be one for these weights.
void writeStream(Span<const int16_t> weights, const StreamPlan& plan, uint8_t* out);

}  // namespace udc::npu
