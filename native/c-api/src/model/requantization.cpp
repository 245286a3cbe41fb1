#include "model/requantization.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "api/failure.h"

namespace udc {

HardwareScale HardwareScale::of(double factor) {
  if (!(factor >= 0 && factor <= std::numeric_limits<double>::max())) {
    fail(UDC_CORRUPT, "quantization: found the factor %g, expected a finite number from 0", factor);
  }
  if (factor == 0) {
    return {0, 31};
  }
  const int shift = 30 - std::ilogb(factor);
  if (shift < 0 || shift > 63) {
    return {0, 16};
  }
  return {static_cast<uint32_t>(std::floor(std::ldexp(factor, shift) + 0.5)), static_cast<uint32_t>(shift)};
}

Requantization Requantization::of(HardwareScale scale) {
  constexpr uint32_t kGreatest = 1U << 31;
  const bool one = scale.multiplier == kGreatest;
  const int exponent = 31 - static_cast<int>(scale.shift) + (one ? 1 : 0);
  Requantization result;
  if (exponent >= -31) {
    result.multiplier = static_cast<int32_t>(one ? scale.multiplier >> 1 : scale.multiplier);
  }
  // A left shift of 32 is only left to accumulators that are always 0.
  result.leftShift = std::clamp(exponent, 0, 31);
  result.rightShift = std::clamp(-exponent, 0, 31);
  return result;
}

}  // namespace udc
