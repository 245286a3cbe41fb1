// Where a section's slices begin and which settings they use.
#pragma once

#include "codec/plan.h"

namespace udc::npu {

// Cuts the symbols of a section into slices for the given palette: a shortest path over the
// settings of weights and runs together, then exact sizes. Linear in the number of symbols.
// The plan's begin and end are left to the caller.
SectionPlan planSlices(const SectionSymbols& symbols, const Palette& palette);

// Counts of the symbols of all slices that share a weight setting, for choosing a palette anew.
std::vector<CodeCounts> countsBySetting(const SectionSymbols& symbols, const SectionPlan& plan);

}  // namespace udc::npu
