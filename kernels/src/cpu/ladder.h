// Functions of a magnitude that are constant between a few rungs: a comparison and a selection for
// each rung, none of them in the units that multiply.
#ifndef UDC_KERNELS_CPU_LADDER_H
#define UDC_KERNELS_CPU_LADDER_H

#include <stdint.h>
#include <string.h>

#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {

inline int32_t bits_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

// Puts a rung in its place; change is what its crossing adds or takes away. One below all
// magnitudes (bits -1) is part of the base. Sums are made by sum_up or sum_down.
inline void add_rung(int32_t bits, float change, Ladder* ladder) {
  if (bits < 0) {
    ladder->base += change;
    return;
  }
  int32_t at = ladder->rungs++;
  for (; at > 0 && ladder->bits[at - 1] > bits; at--) {
    ladder->bits[at] = ladder->bits[at - 1];
    ladder->above[at] = ladder->above[at - 1];
  }
  ladder->bits[at] = bits;
  ladder->above[at] = change;
}

// Every rung adds its change to what lies below.
inline void sum_up(Ladder* ladder) {
  float sum = ladder->base;
  for (int32_t r = 0; r < ladder->rungs; r++) ladder->above[r] = sum += ladder->above[r];
}

// Every rung takes its change away, so that exactly nothing is left above the last one.
inline void sum_down(Ladder* ladder) {
  float sum = 0;
  for (int32_t r = ladder->rungs - 1; r >= 0; r--) {
    const float change = ladder->above[r];
    ladder->above[r] = sum;
    sum += change;
  }
  ladder->base = sum;
}

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_LADDER_H
