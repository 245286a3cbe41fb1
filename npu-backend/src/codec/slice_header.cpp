#include "codec/slice_header.h"

namespace udc::npu {
namespace {

void readPalette(DecodeCursor& cursor, SectionState& section) {
  Palette& palette = section.palette;
  palette.directOffset = static_cast<int>(cursor.take(5));
  const int rawSize = static_cast<int>(cursor.take(5));
  palette.size = rawSize == 0 ? 0 : rawSize + 1;
  palette.entryBits = static_cast<int>(cursor.take(3)) + 2;
  for (int i = 0; i < palette.size; ++i) {
    palette.codes[i] = static_cast<uint16_t>(cursor.take(palette.entryBits));
  }
  for (int symbol = 0; symbol < kCodeCount; ++symbol) {
    const int code = palette.codeOfSymbol(symbol);
    section.weights[symbol] = code < kCodeCount ? static_cast<int16_t>(weightOf(code)) : kNoWeight;
  }
}

}  // namespace

udc_npu_status readSliceHeader(DecodeCursor& cursor, bool needsPalette, SliceHeader& header,
                               SectionState& section) {
  const uint64_t start = cursor.position;
  if (start + 3 > cursor.end) {
    return cursor.corrupt(start, "the stream ends without an end-of-stream mark");
  }
  header.zdiv = static_cast<int>(cursor.take(3));
  if (header.isEndOfStream()) {
    return UDC_NPU_OK;
  }
  if (header.zdiv > 3 && header.zdiv != kZdivNoRuns) {
    return cursor.corrupt(start, "ZDIV of a slice is neither 0-3, 6 nor 7");
  }
  header.symbols = cursor.take(15) + 1;
  header.wdiv = static_cast<int>(cursor.take(3));
  header.truncated = cursor.take(1) != 0;
  header.newPalette = cursor.take(1) != 0;
  const auto cutOff = [&] {
    return cursor.corrupt(cursor.end, "the stream ends inside a slice header");
  };
  if (cursor.isPastEnd()) {
    return cutOff();
  }
  if (header.wdiv == 6) {
    return cursor.corrupt(start + 18, "WDIV of a slice is 6");
  }
  if (needsPalette && !header.newPalette) {
    return cursor.corrupt(start + 22, "the first slice defines no palette");
  }
  if (!header.newPalette && header.hasRuns() != section.hasRuns) {
    return cursor.corrupt(start, "a slice switches zero runs on or off without a new palette");
  }
  if (header.newPalette) {
    readPalette(cursor, section);
    section.hasRuns = header.hasRuns();
  }
  return cursor.isPastEnd() ? cutOff() : UDC_NPU_OK;
}

}  // namespace udc::npu
