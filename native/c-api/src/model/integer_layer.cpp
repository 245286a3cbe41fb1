#include "model/integer_layer.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>

#include "api/failure.h"

namespace udc {

void IntegerLayer::checkAccumulators(const Node& node, int32_t inputZeroPoint) const {
  const int64_t input = std::max(127 - inputZeroPoint, inputZeroPoint + 128);
  const size_t fanIn = weights.size() / biases.size();
  int64_t bound = 0;
  int32_t leftShift = 0;
  for (size_t channel = 0; channel < biases.size(); ++channel) {
    int64_t sum = 0;
    for (size_t i = 0; i < fanIn; ++i) {
      sum += std::abs(weights[channel * fanIn + i]);
    }
    bound = std::max(bound, sum * input + std::abs(static_cast<int64_t>(biases[channel])));
    leftShift = std::max(leftShift, rescales[channel].leftShift);
  }
  if (bound > INT32_MAX >> leftShift) {
    fail(UDC_CORRUPT, "%s: accumulators up to %" PRId64 " * 2^%d do not fit 32 bits", node.name.c_str(),
         bound, leftShift);
  }
}

}  // namespace udc
