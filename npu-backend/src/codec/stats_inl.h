// Scanning of weights, inlined into its users. Included by stats.h only.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace udc::npu {

// Bit i of the result: weights[i] is not zero, for i < 16.
template <typename T>
uint32_t nonZeroMask16(const T* weights) {
  static_assert(sizeof(T) <= 2);
#if defined(__SSE2__)
  const __m128i zero = _mm_setzero_si128();
  const auto* words = reinterpret_cast<const __m128i*>(weights);
  __m128i zeros;
  if (sizeof(T) == 1) {
    zeros = _mm_cmpeq_epi8(_mm_loadu_si128(words), zero);
  } else {
    zeros = _mm_packs_epi16(_mm_cmpeq_epi16(_mm_loadu_si128(words), zero),
                            _mm_cmpeq_epi16(_mm_loadu_si128(words + 1), zero));
  }
  return static_cast<uint32_t>(~_mm_movemask_epi8(zeros)) & 0xffff;
#else
  uint32_t mask = 0;
  for (int i = 0; i < 16; ++i) {
    mask |= static_cast<uint32_t>(weights[i] != 0) << i;
  }
  return mask;
#endif
}

template <typename T, typename Visit>
void forEachNonZero(Span<const T> weights, Visit&& visit) {
  size_t i = 0;
  for (; i + 16 <= weights.size(); i += 16) {
    for (uint32_t mask = nonZeroMask16(weights.data() + i); mask != 0; mask &= mask - 1) {
      visit(i + static_cast<size_t>(__builtin_ctz(mask)));
    }
  }
  for (; i < weights.size(); ++i) {
    if (weights[i] != 0) {
      visit(i);
    }
  }
}

}  // namespace udc::npu
