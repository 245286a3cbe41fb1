// AVX-512 with VNNI: vpdpbusd adds four products of bytes to 32 bits, exactly, for any weights.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels.h"
#include "udc/udc.h"

namespace udc {
namespace {

struct Isa {
  static constexpr uint32_t kLanes = 16;
  static constexpr int kPixels2 = 8;
  static constexpr int kPixels1 = 12;

  using Vector = __m512i;

  static inline Vector zero() { return _mm512_setzero_si512(); }
  static inline Vector load(const void* from) { return _mm512_loadu_si512(from); }

  static inline Vector broadcast(const void* from) {
    int32_t value;
    __builtin_memcpy(&value, from, sizeof value);
    return _mm512_set1_epi32(value);
  }

  static inline Vector plus(Vector a, Vector b) { return _mm512_add_epi32(a, b); }

  static inline Vector widened(const uint8_t* from, int32_t zeroPoint) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return _mm512_slli_epi32(_mm512_sub_epi32(_mm512_cvtepu8_epi32(bytes), _mm512_set1_epi32(zeroPoint)), 20);
  }

  static inline Vector dotPairs(Vector sums, Vector a, Vector b) { return _mm512_dpwssd_epi32(sums, a, b); }

  static inline Vector row(const int32_t* rows, RescaleRow which) { return load(rows + which * kLanes); }

  static inline Vector rescale(Vector sums, const int32_t* rows) {
    const Vector value = _mm512_sllv_epi32(_mm512_add_epi32(sums, row(rows, kBias)), row(rows, kLeftShift));
    const Vector multiplier = row(rows, kMultiplier);
    const Vector half = _mm512_set1_epi64(INT64_C(1) << 30);
    // Bits 31 to 62 of the products of even and of odd lanes.
    const Vector even = _mm512_add_epi64(_mm512_mul_epi32(value, multiplier), half);
    const Vector odd = _mm512_add_epi64(
        _mm512_mul_epi32(_mm512_srli_epi64(value, 32), _mm512_srli_epi64(multiplier, 32)), half);
    const Vector high =
        _mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 31), _mm512_add_epi64(odd, odd));
    const Vector mask = row(rows, kMask);
    const Vector threshold = _mm512_sub_epi32(_mm512_srli_epi32(mask, 1), _mm512_srai_epi32(high, 31));
    const __mmask16 up = _mm512_cmpgt_epi32_mask(_mm512_and_si512(high, mask), threshold);
    const Vector shifted = _mm512_srav_epi32(high, row(rows, kRightShift));
    return _mm512_mask_add_epi32(shifted, up, shifted, _mm512_set1_epi32(1));
  }

  static inline void store(uint8_t* to, Vector values, const OutputRange& range) {
    Vector result = _mm512_add_epi32(values, _mm512_set1_epi32(range.zeroPoint));
    result = _mm512_max_epi32(result, _mm512_set1_epi32(range.least));
    result = _mm512_min_epi32(result, _mm512_set1_epi32(255));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(result));
  }
};

}  // namespace
}  // namespace udc

#include "executor/kernel_loops.h"

namespace udc {
namespace {

struct QuadsForm {
  template <int kPixels, int kPanels>
  static inline void accumulate(Vector (&sums)[kPixels][kPanels], const uint8_t* const (&windows)[kPixels],
                                const uint8_t* weights, size_t panelBytes, const ConvolutionCall& call) {
    for (uint32_t segment = 0; segment < call.segments; ++segment) {
      size_t offset = segment * call.segmentBytes;
      for (uint32_t group = 0; group < call.groups; ++group, offset += 4, weights += kVectorBytes) {
        Vector factors[kPanels];
        for (int panel = 0; panel < kPanels; ++panel) {
          factors[panel] = Isa::load(weights + panel * panelBytes);
        }
        for (int pixel = 0; pixel < kPixels; ++pixel) {
          const Vector values = Isa::broadcast(windows[pixel] + offset);
          for (int panel = 0; panel < kPanels; ++panel) {
            sums[pixel][panel] = _mm512_dpbusd_epi32(sums[pixel][panel], values, factors[panel]);
          }
        }
      }
    }
  }
};

}  // namespace

const Kernels kAvx512Kernels = {UDC_INSTRUCTIONS_AVX512_VNNI, kLanes,    false, convolve<QuadsForm>,
                                convolve<PairsForm>,          depthwise, add};

}  // namespace udc
