// Where the statistics of weights change so much that a new palette pays.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/span.h"

namespace udc::npu {

struct SectionSplit {
  std::vector<uint64_t> ends;  // of the sections, in order; the last one is weights.size()
  uint64_t bits = 0;           // estimate, with one slice for each section; 0 for a single section
};

// Linear time; extra memory for one histogram per level of a binary tree over the weights.
template <typename T>
SectionSplit findSections(Span<const T> weights);

}  // namespace udc::npu
