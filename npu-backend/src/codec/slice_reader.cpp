#include "codec/slice_reader.h"

#include <algorithm>

#include "codec/bits.h"
#include "codec/quotient_tables.h"

namespace udc::npu {
namespace {

constexpr size_t kSlack = 32;  // table steps write whole groups past the last symbol

// Four 16-bit lanes, lane 0 in the low bits, to and from consecutive elements.
inline void storeLanes(uint16_t* out, uint64_t lanes) {
  storeLittleEndian(reinterpret_cast<uint8_t*>(out), lanes);
}
inline uint64_t loadLanes(const uint16_t* in) {
  return loadLittleEndian(reinterpret_cast<const uint8_t*>(in));
}

}  // namespace

SliceReader::SliceReader(uint64_t streamBits)
    : size_(static_cast<size_t>(std::min<uint64_t>(kMaxSliceSymbols + 1, streamBits)) + kSlack),
      quotients_(new uint16_t[size_]),
      symbols_(new uint16_t[size_]),
      runs_(new uint32_t[size_]) {}

udc_npu_status SliceReader::read(DecodeCursor& cursor, const SliceHeader& header,
                                 const Palette& palette, uint64_t room) {
  // At least a bit for every symbol: also keeps the indices below inside the arrays.
  if (header.symbols > cursor.end - cursor.position) {
    return cursor.truncated();
  }
  const int width = header.isUncompressed() ? palette.uncompressedBits() : header.wdiv;
  result_ = width == 0 ? quotients_.get() : symbols_.get();
  return header.isUncompressed() && !header.hasRuns() ? readUnpacked(cursor, header, width)
                                                      : readChunks(cursor, header, width, room);
}

// Uncompressed symbols without zero runs stand one after the other: no other part is interleaved.
udc_npu_status SliceReader::readUnpacked(DecodeCursor& cursor, const SliceHeader& header,
                                         int width) {
  if (uint64_t{header.symbols} * static_cast<uint64_t>(width) > cursor.end - cursor.position) {
    return cursor.truncated();
  }
  std::fill_n(quotients_.get(), header.symbols + kSlack, uint16_t{0});
  weightRemainders(cursor, 0, header.symbols, width);
  return UDC_NPU_OK;
}

// The interleaved chunks of weight stream format, section 8. Counts include the fill of the last
// chunks, which changes nothing in the schedule.
udc_npu_status SliceReader::readChunks(DecodeCursor& cursor, const SliceHeader& header, int width,
                                       uint64_t room) {
  const uint32_t symbols = header.symbols;
  const bool hasRuns = header.hasRuns();
  const bool uncompressed = header.isUncompressed();
  const uint32_t runCount = header.runs();
  const uint32_t fixedPositions = static_cast<uint32_t>(uncompressedPositions(width));
  const int zunaryBits = runUnaryBits(header.zdiv);
  const auto& table = header.truncated ? kTruncatedQuotients : kPlainQuotients;
  // A run this long cannot fit; also keeps the quotients far from overflowing.
  const uint64_t longestRun = std::min<uint64_t>(room, uint64_t{1} << 31);
  const uint64_t runQuotientLimit = hasRuns ? (longestRun >> header.zdiv) : 0;

  uint16_t* quotients = quotients_.get();
  uint32_t* runs = runs_.get();
  if (uncompressed) {
    std::fill_n(quotients, symbols + kSlack, uint16_t{0});
  }

  uint32_t finishedSymbols = 0;
  uint32_t finishedRuns = 0;
  uint32_t symbolsRead = 0;  // those whose remainder is read, too
  uint32_t runsRead = 0;
  uint64_t quotientPart = 0;
  uint32_t runPart = 0;
  for (;;) {
    const bool wantSymbols = finishedSymbols < symbols &&
                             (!hasRuns || static_cast<int32_t>(finishedSymbols - finishedRuns) < 8);
    const bool wantRuns = hasRuns && finishedRuns < runCount && finishedSymbols >= finishedRuns;
    const uint32_t symbolsBefore = finishedSymbols;
    const uint32_t runsBefore = finishedRuns;

    // At most 12 + 12 + 12 bits: one look suffices for the three unary parts.
    uint64_t bits = cursor.bits.peek(cursor.position);
    uint32_t unary0 = 0;
    if (wantSymbols && !uncompressed) {
      unary0 = static_cast<uint32_t>(bits & 0xfff);
      bits >>= 12;
      cursor.position += 12;
    }
    if (wantRuns) {
      for (int i = 0; i < zunaryBits; i += 4, bits >>= 4) {
        const RunStep& step = kRunQuotients[bits & 15];
        std::copy_n(step.quotients, 4, runs + finishedRuns);
        runs[finishedRuns] += runPart;
        runPart = step.finished == 4 ? 0 : runs[finishedRuns + step.finished];
        finishedRuns += step.finished;
      }
      cursor.position += static_cast<uint64_t>(zunaryBits);
      if (runPart > runQuotientLimit && finishedRuns < runCount) {
        return cursor.isPastEnd() ? cursor.truncated() : cursor.tooMany(cursor.position);
      }
    }
    if (wantSymbols && uncompressed) {
      finishedSymbols += fixedPositions;
    } else if (wantSymbols) {
      cursor.position += kPopulation[unary0];
      auto unary1 = static_cast<uint32_t>(bits);
      const uint32_t skip1 = kPopulation[unary0 & 0xf];
      const uint32_t skip2 = kPopulation[unary0 & 0xff];
      const QuotientStep* steps[3] = {&table[(unary0 & 15) | (unary1 & 15) << 4],
                                      &table[(unary0 >> 4 & 15) | (unary1 >> skip1 & 15) << 4],
                                      &table[(unary0 >> 8) | (unary1 >> skip2 & 15) << 4]};
      for (const QuotientStep* step : steps) {
        const uint64_t lanes = step->quotients + quotientPart;
        storeLanes(quotients + finishedSymbols, lanes);
        // Twice half the shift: the whole one would be 64 if all four positions end a quotient.
        const int half = 8 * step->finished;
        quotientPart = (lanes >> half >> half) & 0xffff;
        finishedSymbols += step->finished;
      }
      if (quotientPart >= kCodeCount && finishedSymbols < symbols) {
        return cursor.isPastEnd() ? cursor.truncated()
                                  : cursor.corrupt(cursor.position, "a symbol is greater than 511");
      }
    }

    // The remainders of what the previous iteration finished. Fill has none.
    const uint32_t symbolsDue = std::min(symbolsBefore, symbols);
    if (width != 0 && symbolsRead < symbolsDue) {
      weightRemainders(cursor, symbolsRead, symbolsDue, width);
      symbolsRead = symbolsDue;
    }
    const uint32_t runsDue = std::min(runsBefore, runCount);
    if (runsRead < runsDue) {
      runRemainders(cursor, runsRead, runsDue, header.zdiv);
      runsRead = runsDue;
    }
    if (cursor.isPastEnd()) {
      return cursor.truncated();
    }
    if (!wantSymbols && !wantRuns) {
      return UDC_NPU_OK;
    }
  }
}

// Symbols [from, to): quotient and remainder put together, four at a time. The last group may write
// past `to`, where the next call writes again.
void SliceReader::weightRemainders(DecodeCursor& cursor, uint32_t from, uint32_t to, int width) {
  const uint64_t mask = lowBits(width);
  const uint16_t* quotients = quotients_.get();
  uint16_t* symbols = symbols_.get();
  uint64_t position = cursor.position;
  for (uint32_t i = from; i < to; i += 4) {
    const uint64_t bits = cursor.bits.peek(position);
    const uint64_t remainders = (bits & mask) | (bits >> width & mask) << 16 |
                                (bits >> 2 * width & mask) << 32 | (bits >> 3 * width & mask) << 48;
    // A quotient is below 2^10 and a Rice parameter at most 5: no lane runs into the next.
    storeLanes(symbols + i, (loadLanes(quotients + i) << (width & 7)) + remainders);
    position += 4 * static_cast<uint64_t>(width);
  }
  cursor.position += uint64_t{to - from} * static_cast<uint64_t>(width);
}

void SliceReader::runRemainders(DecodeCursor& cursor, uint32_t from, uint32_t to, int width) {
  const uint64_t mask = lowBits(width);
  uint32_t* runs = runs_.get();
  // At most 12 runs of 3 bits.
  uint64_t bits = cursor.bits.peek(cursor.position);
  for (uint32_t i = from; i < to; ++i, bits >>= width) {
    runs[i] = (runs[i] << width) + static_cast<uint32_t>(bits & mask);
  }
  cursor.position += uint64_t{to - from} * static_cast<uint64_t>(width);
}

}  // namespace udc::npu
