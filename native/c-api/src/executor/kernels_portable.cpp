// Plain C++ for any processor, in loops that compilers vectorise.
#include <cstdint>

#include "executor/kernels.h"
#include "udc/udc.h"

namespace udc {
namespace {

struct Isa {
  static constexpr uint32_t kLanes = 8;
  static constexpr int kPixels2 = 2;
  static constexpr int kPixels1 = 4;

  struct Vector {
    int32_t lane[kLanes];
  };

  static Vector zero() { return {}; }

  static Vector load(const void* from) {
    Vector result;
    __builtin_memcpy(&result, from, sizeof result);
    return result;
  }

  static Vector broadcast(const void* from) {
    int32_t value;
    __builtin_memcpy(&value, from, sizeof value);
    Vector result;
    for (int32_t& lane : result.lane) {
      lane = value;
    }
    return result;
  }

  static Vector plus(const Vector& a, const Vector& b) {
    Vector result;
    for (uint32_t i = 0; i < kLanes; ++i) {
      result.lane[i] = a.lane[i] + b.lane[i];
    }
    return result;
  }

  static Vector widened(const uint8_t* from, int32_t zeroPoint) {
    Vector result;
    for (uint32_t i = 0; i < kLanes; ++i) {
      result.lane[i] = (from[i] - zeroPoint) * (1 << 20);
    }
    return result;
  }

  static Vector dotPairs(const Vector& sums, const Vector& a, const Vector& b) {
    int16_t left[2 * kLanes];
    int16_t right[2 * kLanes];
    __builtin_memcpy(left, &a, sizeof left);
    __builtin_memcpy(right, &b, sizeof right);
    Vector result;
    for (uint32_t i = 0; i < kLanes; ++i) {
      result.lane[i] = sums.lane[i] + left[2 * i] * right[2 * i] + left[2 * i + 1] * right[2 * i + 1];
    }
    return result;
  }

  static Vector rescale(const Vector& sums, const int32_t* rows) {
    Vector result;
    for (uint32_t i = 0; i < kLanes; ++i) {
      const uint32_t value =
          static_cast<uint32_t>(sums.lane[i]) + static_cast<uint32_t>(rows[kBias * kLanes + i]);
      const int64_t shifted = static_cast<int32_t>(value << rows[kLeftShift * kLanes + i]);
      const auto high =
          static_cast<int32_t>((shifted * rows[kMultiplier * kLanes + i] + (INT64_C(1) << 30)) >> 31);
      const int32_t mask = rows[kMask * kLanes + i];
      const int32_t threshold = (mask >> 1) + (high < 0 ? 1 : 0);
      result.lane[i] = (high >> rows[kRightShift * kLanes + i]) + ((high & mask) > threshold ? 1 : 0);
    }
    return result;
  }

  static void store(uint8_t* to, const Vector& values, const OutputRange& range) {
    for (uint32_t i = 0; i < kLanes; ++i) {
      const auto value = static_cast<int32_t>(static_cast<uint32_t>(values.lane[i]) +
                                              static_cast<uint32_t>(range.zeroPoint));
      to[i] = static_cast<uint8_t>(value < range.least ? range.least : value > 255 ? 255 : value);
    }
  }
};

}  // namespace
}  // namespace udc

#include "executor/kernel_loops.h"

namespace udc {

const Kernels kPortableKernels = {UDC_INSTRUCTIONS_PORTABLE, kLanes,    false, nullptr,
                                  convolve<PairsForm>,       depthwise, add};

}  // namespace udc
