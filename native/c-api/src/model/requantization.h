// Rescaling of accumulators as TensorFlow Lite's reference kernels do it: a rounding doubling high multiply,
// then a right shift that rounds half away from zero.
#pragma once

#include <cstdint>

namespace udc {

// How the int8 values q of a feature map stand for real numbers: scale * (q - zeroPoint).
struct Quantization {
  float scale = 1;
  int32_t zeroPoint = 0;

  bool operator==(const Quantization& other) const {
    return scale == other.scale && zeroPoint == other.zeroPoint;
  }
};

// A positive real factor as the hardware holds it: multiplier / 2^shift, with multiplier 0 or 2^30 to 2^31.
struct HardwareScale {
  uint32_t multiplier = 0;
  uint32_t shift = 0;

  // The nearest to a factor from 0; throws UDC_CORRUPT for any other.
  static HardwareScale of(double factor);
};

// The same factor as integer arithmetic applies it.
struct Requantization {
  int32_t leftShift = 0;
  int32_t multiplier = 0;
  int32_t rightShift = 0;

  static Requantization of(HardwareScale scale);

  // value * 2^leftShift must fit 32 bits.
  int32_t apply(int32_t value) const {
    const int64_t shifted = static_cast<int32_t>(static_cast<uint32_t>(value) << leftShift);
    const auto high = static_cast<int32_t>((shifted * multiplier + (INT64_C(1) << 30)) >> 31);
    const auto mask = static_cast<int32_t>((INT64_C(1) << rightShift) - 1);
    const int32_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
    return (high >> rightShift) + ((high & mask) > threshold ? 1 : 0);
  }
};

}  // namespace udc
