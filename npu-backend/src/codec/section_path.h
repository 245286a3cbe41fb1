// Where sections begin, given codings to choose from.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/plan.h"
#include "codec/section_search.h"
#include "codec/span.h"

namespace udc::npu {

// Ends and estimated bits of the sections of a cheapest path through the weights, where every
// section uses one of the palettes of `book` under any of the slice settings that occur with it
// there. Borders lie at multiples of a small block. Linear time, 4 bytes of memory per weight.
template <typename T>
SectionSplit cheapestSections(Span<const T> weights, const std::vector<SectionPlan>& book);

}  // namespace udc::npu
