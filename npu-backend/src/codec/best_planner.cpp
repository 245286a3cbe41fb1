#include "codec/planner.h"
namespace udc::npu {
template <typename T>
StreamPlan planBest(Span<const T> weights) {
  return planFast(weights);
}
template StreamPlan planBest(Span<const int8_t>);
template StreamPlan planBest(Span<const int16_t>);
}  // namespace udc::npu
