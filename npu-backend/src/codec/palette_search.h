// Which palette codes given statistics in the fewest bits.
#pragma once

#include "codec/cost.h"
#include "codec/format.h"
#include "codec/span.h"
#include "codec/stats.h"

namespace udc::npu {

enum class PaletteSweep {
  kNone,    // no palette: all symbols direct
  kCoarse,  // a few palette sizes: for comparing ways to split
  kFull,    // every palette size, by several measures of what belongs into a palette
  kWidths   // the same for every width of the entries
};

struct PaletteChoice {
  Palette palette;
  uint64_t bits = kImpossible;  // palette header and weights; no slice headers, no runs
};

// The palette for several groups of symbols, each of which may choose its own weight setting.
PaletteChoice choosePalette(Span<const CodeCounts> groups, PaletteSweep sweep);

}  // namespace udc::npu
