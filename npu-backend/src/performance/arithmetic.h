// Integer rounding and shape arithmetic shared by the latency model.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "udc/npu/accelerator.h"

namespace udc::npu {

using Shape = udc_npu_shape3;

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }
constexpr int64_t roundDown(int64_t a, int64_t b) { return a / b * b; }

constexpr int64_t elements(const Shape& s) { return int64_t{s.height} * s.width * s.depth; }

constexpr bool isEmpty(const Shape& s) { return elements(s) == 0; }

constexpr Shape minimum(const Shape& a, const Shape& b) {
  return {a.height < b.height ? a.height : b.height, a.width < b.width ? a.width : b.width,
          a.depth < b.depth ? a.depth : b.depth};
}

constexpr bool operator==(const Shape& a, const Shape& b) {
  return a.height == b.height && a.width == b.width && a.depth == b.depth;
}
constexpr bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

}  // namespace udc::npu
