// A register of floats at a time, in the compiler's portable vector types: the same source gives
// SSE2, AVX2 or AVX-512 code, depending on the flags of the file that includes it. Everything here is
// inlined, so no code built for one instruction set can be linked into the other.
#ifndef UDC_KERNELS_CPU_SIMD_H
#define UDC_KERNELS_CPU_SIMD_H

#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#define UDC_INLINE static inline __attribute__((always_inline))

namespace udc::kernels {
namespace {

// One register of the instruction set: the compiler takes wider vectors apart lane by lane.
#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
typedef float Floats __attribute__((vector_size(4 * kLanes)));
typedef int32_t Ints __attribute__((vector_size(4 * kLanes)));

// Not "Floats{} + value", which is an addition: 0 + -0 is not -0.
UDC_INLINE Floats broadcast(float value) {
#if defined(__AVX512F__)
  return (Floats)_mm512_set1_ps(value);
#elif defined(__AVX2__)
  return (Floats)_mm256_set1_ps(value);
#else
  return Floats{value, value, value, value};
#endif
}
UDC_INLINE Ints broadcast(int32_t value) { return Ints{} + value; }

UDC_INLINE Floats load(const float* from) {
  Floats value;
  memcpy(&value, from, sizeof value);
  return value;
}

UDC_INLINE void store(float* to, Floats value) { memcpy(to, &value, sizeof value); }

// Loads and stores of the last count < kLanes elements of a row; lanes beyond them are zero.
UDC_INLINE Floats load_some(const float* from, int64_t count) {
#if defined(__AVX512F__)
  return (Floats)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
#else
  float lanes[kLanes] = {};
  for (int64_t i = 0; i < count; i++) lanes[i] = from[i];
  return load(lanes);
#endif
}

UDC_INLINE void store_some(float* to, Floats value, int64_t count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), (__m512)value);
#else
  float lanes[kLanes];
  store(lanes, value);
  for (int64_t i = 0; i < count; i++) to[i] = lanes[i];
#endif
}

UDC_INLINE Ints bits_of(Floats value) { return (Ints)value; }
UDC_INLINE Floats float_of(Ints bits) { return (Floats)bits; }

// min(value, limit) that keeps a NaN value.
UDC_INLINE Floats at_most(Floats value, Floats limit) { return limit < value ? limit : value; }
UDC_INLINE Floats at_least(Floats value, Floats limit) { return limit > value ? limit : value; }

// Of a magnitude below 2^22.
UDC_INLINE Floats round_half_even(Floats value) {
#if defined(__AVX512F__)
  // All lanes by name: the form without a mask makes GCC 12 warn of its own header.
  return (Floats)_mm512_maskz_roundscale_ps(0xffff, (__m512)value,
                                            _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
  return (Floats)_mm256_round_ps((__m256)value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: nothing below 1 fits beside it
  return (value + kShift) - kShift;
#endif
}

// numerator / denominator rounded to float; inverse is 1 / denominator. With fused multiply-add one
// Newton step on the product is as good as a division and five times as fast.
UDC_INLINE Floats quotient(Floats numerator, Floats denominator, Floats inverse) {
#if defined(__AVX512F__)
  const Floats guess = numerator * inverse;
  const Floats rest =
      (Floats)_mm512_fnmadd_ps((__m512)guess, (__m512)denominator, (__m512)numerator);
  return (Floats)_mm512_fmadd_ps((__m512)rest, (__m512)inverse, (__m512)guess);
#elif defined(__FMA__)
  const Floats guess = numerator * inverse;
  const Floats rest =
      (Floats)_mm256_fnmadd_ps((__m256)guess, (__m256)denominator, (__m256)numerator);
  return (Floats)_mm256_fmadd_ps((__m256)rest, (__m256)inverse, (__m256)guess);
#else
  (void)inverse;
  return numerator / denominator;
#endif
}

// Sum of the lanes as a tree of fixed shape.
UDC_INLINE float sum(Floats value) {
  float lanes[kLanes];
  store(lanes, value);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

}  // namespace
}  // namespace udc::kernels

#endif  // UDC_KERNELS_CPU_SIMD_H
