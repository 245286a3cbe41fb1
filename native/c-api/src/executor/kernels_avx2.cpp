// AVX2. It has no exact product of bytes: vpmaddubsw saturates the sum of two products in 16 bits. So bytes
// are multiplied by it only where the weights prove that no sum of a run can leave 16 bits (PackedLayer), and
// else 16-bit values by vpmaddwd, which is always exact.
#include <immintrin.h>

#include <cstdint>

#include "executor/kernels.h"
#include "udc/udc.h"

namespace udc {
namespace {

struct Isa {
  static constexpr uint32_t kLanes = 8;
  static constexpr int kPixels2 = 3;  // as many as leave no sum without a register
  static constexpr int kPixels1 = 6;

  using Vector = __m256i;

  static inline Vector zero() { return _mm256_setzero_si256(); }
  static inline Vector load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }

  static inline Vector broadcast(const void* from) {
    int32_t value;
    __builtin_memcpy(&value, from, sizeof value);
    return _mm256_set1_epi32(value);
  }

  static inline Vector plus(Vector a, Vector b) { return _mm256_add_epi32(a, b); }

  static inline Vector widened(const uint8_t* from, int32_t zeroPoint) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    return _mm256_slli_epi32(_mm256_sub_epi32(_mm256_cvtepu8_epi32(bytes), _mm256_set1_epi32(zeroPoint)), 20);
  }

  static inline Vector dotPairs(Vector sums, Vector a, Vector b) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
  }

  static inline Vector row(const int32_t* rows, RescaleRow which) { return load(rows + which * kLanes); }

  static inline Vector rescale(Vector sums, const int32_t* rows) {
    const Vector value = _mm256_sllv_epi32(_mm256_add_epi32(sums, row(rows, kBias)), row(rows, kLeftShift));
    const Vector multiplier = row(rows, kMultiplier);
    const Vector half = _mm256_set1_epi64x(INT64_C(1) << 30);
    // Bits 31 to 62 of the products of even and of odd lanes.
    const Vector even = _mm256_add_epi64(_mm256_mul_epi32(value, multiplier), half);
    const Vector odd = _mm256_add_epi64(
        _mm256_mul_epi32(_mm256_srli_epi64(value, 32), _mm256_srli_epi64(multiplier, 32)), half);
    const Vector high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_add_epi64(odd, odd), 0xAA);
    const Vector mask = row(rows, kMask);
    const Vector threshold = _mm256_sub_epi32(_mm256_srli_epi32(mask, 1), _mm256_srai_epi32(high, 31));
    const Vector up = _mm256_cmpgt_epi32(_mm256_and_si256(high, mask), threshold);
    return _mm256_sub_epi32(_mm256_srav_epi32(high, row(rows, kRightShift)), up);
  }

  static inline void store(uint8_t* to, Vector values, const OutputRange& range) {
    Vector result = _mm256_add_epi32(values, _mm256_set1_epi32(range.zeroPoint));
    result = _mm256_max_epi32(result, _mm256_set1_epi32(range.least));
    result = _mm256_min_epi32(result, _mm256_set1_epi32(255));
    const __m128i words =
        _mm_packus_epi32(_mm256_castsi256_si128(result), _mm256_extracti128_si256(result, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
  }
};

}  // namespace
}  // namespace udc

#include "executor/kernel_loops.h"

namespace udc {
namespace {

// Sums of bytes in 16 bits for a run of groups, then in 32.
struct QuadsForm {
  template <int kPixels, int kPanels>
  static inline void accumulate(Vector (&sums)[kPixels][kPanels], const uint8_t* const (&windows)[kPixels],
                                const uint8_t* weights, size_t panelBytes, const ConvolutionCall& call) {
    for (uint32_t segment = 0; segment < call.segments; ++segment) {
      size_t offset = segment * call.segmentBytes;
      for (uint32_t group = 0; group < call.groups;) {
        const uint32_t left = call.groups - group;
        const uint32_t run = left < call.exactRun ? left : call.exactRun;
        __m256i words[kPixels][kPanels];
        for (auto& row : words) {
          for (__m256i& sum : row) {
            sum = _mm256_setzero_si256();
          }
        }
        for (uint32_t i = 0; i < run; ++i, offset += 4, weights += kVectorBytes) {
          Vector factors[kPanels];
          for (int panel = 0; panel < kPanels; ++panel) {
            factors[panel] = Isa::load(weights + panel * panelBytes);
          }
          for (int pixel = 0; pixel < kPixels; ++pixel) {
            const Vector values = Isa::broadcast(windows[pixel] + offset);
            for (int panel = 0; panel < kPanels; ++panel) {
              words[pixel][panel] =
                  _mm256_add_epi16(words[pixel][panel], _mm256_maddubs_epi16(values, factors[panel]));
            }
          }
        }
        group += run;
        for (int pixel = 0; pixel < kPixels; ++pixel) {
          for (int panel = 0; panel < kPanels; ++panel) {
            sums[pixel][panel] = Isa::dotPairs(sums[pixel][panel], words[pixel][panel], _mm256_set1_epi16(1));
          }
        }
      }
    }
  }
};

}  // namespace

const Kernels kAvx2Kernels = {UDC_INSTRUCTIONS_AVX2, kLanes,    true, convolve<QuadsForm>,
                              convolve<PairsForm>,   depthwise, add};

}  // namespace udc
