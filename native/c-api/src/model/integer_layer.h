// The integers of one weighted node, decoded from its stream.
#pragma once

#include <cstdint>
#include <vector>

#include "model/architecture.h"
#include "model/requantization.h"

namespace udc {

struct IntegerLayer {
  std::vector<int8_t> weights;  // output channel, row, column, input channel
  std::vector<int32_t> biases;
  std::vector<Requantization> rescales;

  // Throws UDC_CORRUPT if an accumulator, shifted left as its channel asks, could leave 32 bits.
  void checkAccumulators(const Node& node, int32_t inputZeroPoint) const;
};

}  // namespace udc
