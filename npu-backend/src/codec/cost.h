// Exact sizes in bits, from statistics alone.
#pragma once

#include <cstdint>

#include "codec/format.h"
#include "codec/stats.h"

namespace udc::npu {

inline constexpr uint64_t kImpossible = uint64_t{1} << 60;

constexpr uint64_t roundUp(uint64_t value, uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Symbols counted from the top: [s] is how many symbols are >= s. Everything past the highest
// symbol is 0, up to where the quotient limit of the widest Rice code lies.
struct SymbolTails {
  static constexpr int kSize = 1024 + 1;
  std::array<uint32_t, kSize> atLeast{};
  int end = 0;  // one past the highest symbol
};

// Tails of symbols that a palette makes of the counted codes. False if a symbol exceeds 511.
bool symbolTails(const CodeCounts& counts, const Palette& palette, SymbolTails& tails);

// Bits of all weight parts of a slice under one setting, fill included; kImpossible if a symbol
// cannot be coded.
uint64_t weightBits(const SymbolTails& tails, int uncompressedBits, WeightSetting setting);

struct BestWeights {
  WeightSetting setting = WeightSetting::plain(5);
  uint64_t bits = kImpossible;
};
BestWeights bestWeightSetting(const SymbolTails& tails, int uncompressedBits);

// Bits of all parts of the zero runs of a slice, fill included.
uint64_t runBits(const RunSums& runs, int zdiv);

struct BestRuns {
  int zdiv = kZdivNoRuns;
  uint64_t bits = 0;
};
// Without runs: ZDIV 6 and no bits.
BestRuns bestRunSetting(const RunSums& runs);

}  // namespace udc::npu
