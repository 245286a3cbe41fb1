// Decides how to write weights.
#pragma once

#include "codec/plan.h"
#include "codec/span.h"

namespace udc::npu {

// One section, from a histogram for each of its longest slices.
template <typename T>
StreamPlan planFast(Span<const T> weights);

// The smallest stream that a linear-time search finds; never larger than planFast's.
template <typename T>
StreamPlan planBest(Span<const T> weights);

}  // namespace udc::npu
