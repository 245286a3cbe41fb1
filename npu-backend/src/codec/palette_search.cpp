#include "codec/palette_search.h"

#include <algorithm>
#include <vector>

namespace udc::npu {
namespace {

int bitsFor(int maxValue) {
  return std::clamp(ceilLog2(static_cast<uint32_t>(maxValue) + 1), 2, 9);
}

// Codes in falling order of a weight; equal ones with the smaller code first.
struct RankedCodes {
  std::array<uint16_t, kCodeCount> codes;
  int size = 0;
};

RankedCodes rankByCount(const CodeCounts& counts) {
  RankedCodes ranked;
  for (int code = 0; code < kCodeCount; ++code) {
    if (counts[code] != 0) {
      ranked.codes[ranked.size++] = static_cast<uint16_t>(code);
    }
  }
  const int kept = std::min(ranked.size, kMaxPalette);
  std::partial_sort(ranked.codes.begin(), ranked.codes.begin() + kept,
                    ranked.codes.begin() + ranked.size, [&](uint16_t a, uint16_t b) {
                      return counts[a] != counts[b] ? counts[a] > counts[b] : a < b;
                    });
  return ranked;
}

// The palette of the `size` first ranked codes. The direct offset skips every code up to the first
// that is both used and not in the palette.
Palette makePalette(const CodeCounts& counts, const RankedCodes& ranked, int size) {
  Palette palette;
  palette.size = size;
  uint64_t inPalette[kCodeCount / 64] = {};
  int highestEntry = 0;
  for (int i = 0; i < size; ++i) {
    // A lone value is padded with a copy of itself: there is no one-entry palette.
    const uint16_t code = ranked.codes[std::min(i, ranked.size - 1)];
    palette.codes[i] = code;
    highestEntry = std::max<int>(highestEntry, code);
    inPalette[code / 64] |= uint64_t{1} << (code % 64);
  }
  const auto isDirect = [&](int code) {
    return counts[code] != 0 && (inPalette[code / 64] >> (code % 64) & 1) == 0;
  };
  int lowest = 0;
  while (lowest < kMaxDirectOffset && !isDirect(lowest)) {
    ++lowest;
  }
  palette.directOffset = lowest;
  if (size > 0) {
    palette.entryBits = bitsFor(highestEntry);
  } else {
    int highest = kCodeCount - 1;
    while (highest > lowest && !isDirect(highest)) {
      --highest;
    }
    palette.entryBits = bitsFor(highest - lowest);
  }
  return palette;
}

constexpr int kCoarseSizes[] = {0, 2, 3, 4, 8, 16, 32};

}  // namespace

PaletteChoice choosePalette(Span<const CodeCounts> groups, PaletteSweep sweep) {
  CodeCounts total = groups[0];
  for (size_t g = 1; g < groups.size(); ++g) {
    for (int code = 0; code < kCodeCount; ++code) {
      total[code] += groups[g][code];
    }
  }
  const RankedCodes ranked = rankByCount(total);
  PaletteChoice best;
  SymbolTails tails;
  const auto consider = [&](int size) {
    const Palette palette = makePalette(total, ranked, size);
    uint64_t bits = static_cast<uint64_t>(palette.headerBits());
    for (const CodeCounts& group : groups) {
      if (bits >= best.bits || !symbolTails(group, palette, tails)) {
        return;
      }
      bits += bestWeightSetting(tails, palette.uncompressedBits()).bits;
    }
    if (bits < best.bits) {
      best = {palette, bits};
    }
  };
  // More entries than distinct values help nobody; a lone value needs two entries.
  const int largest = std::min(std::max(ranked.size, 2), kMaxPalette);
  if (sweep == PaletteSweep::kFull) {
    for (int size = 0; size <= largest; ++size) {
      if (size != 1) {
        consider(size);
      }
    }
  } else {
    for (const int size : kCoarseSizes) {
      if (size < largest) {
        consider(size);
      }
    }
    consider(largest);
  }
  return best;
}

}  // namespace udc::npu
