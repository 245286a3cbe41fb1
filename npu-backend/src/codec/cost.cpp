#include "codec/cost.h"

#include <algorithm>

namespace udc::npu {

bool symbolTails(const CodeCounts& counts, const Palette& palette, SymbolTails& tails) {
  std::array<uint32_t, kMaxPalette> entryCounts;
  CodeCounts direct = counts;
  for (int i = 0; i < palette.size; ++i) {
    // A code that stands in the palette twice is counted at its first place.
    entryCounts[i] = direct[palette.codes[i]];
    direct[palette.codes[i]] = 0;
  }
  int highest = kCodeCount - 1;
  while (highest >= 0 && direct[highest] == 0) {
    --highest;
  }
  const int shift = palette.size - palette.directOffset;  // from a code to its direct symbol
  const int oldEnd = tails.end;
  tails.end = highest >= 0 ? highest + shift + 1 : palette.size;
  if (tails.end > kCodeCount) {
    return false;
  }
  uint32_t total = 0;
  for (int symbol = tails.end - 1; symbol >= palette.size; --symbol) {
    total += direct[symbol - shift];
    tails.atLeast[symbol] = total;
  }
  for (int symbol = palette.size - 1; symbol >= 0; --symbol) {
    total += entryCounts[symbol];
    tails.atLeast[symbol] = total;
  }
  if (oldEnd > tails.end) {
    std::fill(tails.atLeast.begin() + tails.end, tails.atLeast.begin() + oldEnd, 0U);
  }
  // Palette entries that do not occur must not count as symbols to be coded.
  while (tails.end > 0 && tails.atLeast[tails.end - 1] == 0) {
    --tails.end;
  }
  return true;
}

// Weight stream format, section 6: positions come in chunks of 12, every one in UNARY0 brings a bit
// of UNARY1, and the remainders follow.
uint64_t weightBits(const SymbolTails& tails, int uncompressedBits, WeightSetting setting) {
  const auto& atLeast = tails.atLeast;
  const uint64_t symbols = atLeast[0];
  if (setting.isUncompressed()) {
    return tails.end > 1 << uncompressedBits ? kImpossible
                                             : symbols * static_cast<uint64_t>(uncompressedBits);
  }
  const int d = setting.divisor();
  const uint64_t remainders = symbols * static_cast<uint64_t>(d);
  if (setting.isTruncated()) {
    if (tails.end > 3 << d) {
      return kImpossible;
    }
    return roundUp(symbols, kPositionsPerChunk) + atLeast[1 << d] + remainders;
  }
  if (tails.end > (kMaxQuotient + 1) << d) {
    return kImpossible;
  }
  // A quotient q has floor(q / 2) + 1 positions, ceil(q / 2) of them ones: its odd steps count in
  // UNARY1, its even ones in UNARY0.
  uint64_t positions = symbols;
  uint64_t ones = 0;
  for (int step = 1; step << d < tails.end; step += 2) {
    ones += atLeast[step << d];
    positions += atLeast[(step + 1) << d];
  }
  return roundUp(positions, kPositionsPerChunk) + ones + remainders;
}

BestWeights bestWeightSetting(const SymbolTails& tails, int uncompressedBits) {
  BestWeights best;
  for (int index = 0; index < WeightSetting::kCount; ++index) {
    const auto setting = WeightSetting::ofIndex(index);
    const uint64_t bits = weightBits(tails, uncompressedBits, setting);
    if (bits < best.bits) {
      best = {setting, bits};
    }
  }
  return best;
}

uint64_t runBits(const RunSums& runs, int zdiv) {
  const uint64_t unary = runs.quotients[zdiv] + runs.runs;
  return roundUp(unary, static_cast<uint64_t>(runUnaryBits(zdiv))) +
         runs.runs * static_cast<uint64_t>(zdiv);
}

BestRuns bestRunSetting(const RunSums& runs) {
  BestRuns best;
  if (runs.runs == 0) {
    return best;
  }
  best.bits = kImpossible;
  for (int zdiv = 0; zdiv < kRunSettings; ++zdiv) {
    const uint64_t bits = runBits(runs, zdiv);
    if (bits < best.bits) {
      best = {zdiv, bits};
    }
  }
  return best;
}

}  // namespace udc::npu
