// Where the statistics of weights change so much that a new palette pays.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/span.h"

namespace udc::npu {

// Ends of the sections, in order; the last one is weights.size(). Linear time; extra memory for one
// histogram per level of a binary tree over the weights.
template <typename T>
std::vector<uint64_t> findSections(Span<const T> weights);

}  // namespace udc::npu
