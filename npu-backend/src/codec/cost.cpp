#include "codec/cost.h"

#include <algorithm>

namespace udc::npu {

bool symbolTails(const CodeCounts& counts, const Palette& palette, SymbolTails& tails) {
  std::array<uint32_t, kMaxPalette> entryCounts;
  std::array<bool, kCodeCount> isEntry{};
  for (int i = 0; i < palette.size; ++i) {
    // A code that stands in the palette twice is counted at its first place.
    const int code = palette.codes[i];
    entryCounts[i] = isEntry[code] ? 0 : counts[code];
    isEntry[code] = true;
  }
  int highest = kCodeCount - 1;
  while (highest >= 0 && (counts[highest] == 0 || isEntry[highest])) {
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
    total += isEntry[symbol - shift] ? 0 : counts[symbol - shift];
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
