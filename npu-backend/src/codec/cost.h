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

struct BestWeights {
  WeightSetting setting = WeightSetting::plain(5);
  uint64_t bits = kImpossible;
};

// Bits of all weight parts of a slice under one setting, fill included; kImpossible if a symbol
// cannot be coded. `atLeast(s)` is the number of symbols >= s, `end` one past the highest.
// Weight stream format, section 6: positions come in chunks of 12, every one in UNARY0 brings a bit
// of UNARY1, and the remainders follow.
template <typename AtLeast>
uint64_t weightBits(const AtLeast& atLeast, int end, int uncompressedBits, WeightSetting setting) {
  const uint64_t symbols = atLeast(0);
  if (setting.isUncompressed()) {
    return end > 1 << uncompressedBits ? kImpossible
                                       : symbols * static_cast<uint64_t>(uncompressedBits);
  }
  const int d = setting.divisor();
  const uint64_t remainders = symbols * static_cast<uint64_t>(d);
  if (setting.isTruncated()) {
    return end > 3 << d ? kImpossible
                        : roundUp(symbols, kPositionsPerChunk) + atLeast(1 << d) + remainders;
  }
  if (end > (kMaxQuotient + 1) << d) {
    return kImpossible;
  }
  // A quotient q has floor(q / 2) + 1 positions, ceil(q / 2) of them ones: its odd steps count in
  // UNARY1, its even ones in UNARY0.
  uint64_t positions = symbols;
  uint64_t ones = 0;
  for (int step = 1; step << d < end; step += 2) {
    ones += atLeast(step << d);
    positions += atLeast((step + 1) << d);
  }
  return roundUp(positions, kPositionsPerChunk) + ones + remainders;
}

// The best setting of those that take fewer than `limit` bits; the limit itself if there is none.
template <typename AtLeast>
BestWeights bestWeightSetting(const AtLeast& atLeast, int end, int uncompressedBits,
                              uint64_t limit = kImpossible) {
  BestWeights best;
  best.bits = limit;
  const uint64_t symbols = atLeast(0);
  for (int index = WeightSetting::kCount - 1; index >= 0; --index) {
    const auto setting = WeightSetting::ofIndex(index);
    if (!setting.isUncompressed()) {
      // At the very least a bit, the remainder and the first steps of the quotient.
      const int d = setting.divisor();
      uint64_t least = symbols * static_cast<uint64_t>(d + 1) + atLeast(1 << d);
      if (!setting.isTruncated()) {
        least += uint64_t{atLeast(2 << d)} + atLeast(3 << d) + atLeast(4 << d);
      }
      if (least >= best.bits) {
        continue;
      }
    }
    const uint64_t bits = weightBits(atLeast, end, uncompressedBits, setting);
    if (bits < best.bits) {
      best = {setting, bits};
    }
  }
  return best;
}

inline BestWeights bestWeightSetting(const SymbolTails& tails, int uncompressedBits) {
  return bestWeightSetting([&](int symbol) { return tails.atLeast[symbol]; }, tails.end,
                           uncompressedBits);
}

// Bits of all parts of the zero runs of a slice, fill included.
uint64_t runBits(const RunSums& runs, int zdiv);

struct BestRuns {
  int zdiv = kZdivNoRuns;
  uint64_t bits = 0;
};
// Without runs: ZDIV 6 and no bits.
BestRuns bestRunSetting(const RunSums& runs);

}  // namespace udc::npu
