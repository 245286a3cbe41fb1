// Headers of slices and the palettes that they define: weight stream format, section 3.
#pragma once

#include <array>
#include <cstdint>

#include "codec/decode_cursor.h"
#include "codec/format.h"

namespace udc::npu {

struct SliceHeader {
  int zdiv = 0;
  uint32_t symbols = 0;
  int wdiv = 0;
  bool truncated = false;
  bool newPalette = false;

  bool isEndOfStream() const { return zdiv == kZdivEnd; }
  bool hasRuns() const { return zdiv != kZdivNoRuns; }
  bool isUncompressed() const { return wdiv == kWdivUncompressed; }
  // With a new palette one more run stands before the first symbol: section 7.
  uint32_t runs() const { return hasRuns() ? symbols + (newPalette ? 1 : 0) : 0; }
};

inline constexpr int16_t kNoWeight = INT16_MIN;  // a symbol without a code

// What stays in force until the next palette.
struct SectionState {
  Palette palette;
  bool hasRuns = false;
  std::array<int16_t, kCodeCount> weights{};  // of each symbol
};

// Reads a header and, if it defines one, the palette. After an end-of-stream mark nothing else is
// read or set.
udc_npu_status readSliceHeader(DecodeCursor& cursor, bool needsPalette, SliceHeader& header,
                               SectionState& section);

}  // namespace udc::npu
