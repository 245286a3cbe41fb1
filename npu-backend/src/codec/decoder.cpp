#include "codec/decoder.h"

#include <algorithm>
#include <memory>

#include "codec/bits.h"
#include "codec/format.h"
#include "codec/quotient_tables.h"
#include "common/status.h"

namespace udc::npu {
namespace {

constexpr int16_t kNoWeight = INT16_MIN;  // a symbol without a code
constexpr size_t kSlack = 32;             // table steps write whole groups past the last symbol

struct SliceHeader {
  int zdiv = 0;
  uint32_t symbols = 0;
  int wdiv = 0;
  bool truncated = false;
  bool newPalette = false;

  bool hasRuns() const { return zdiv != kZdivNoRuns; }
  bool isUncompressed() const { return wdiv == kWdivUncompressed; }
};

// The arrays of one slice. A symbol and a run take at least one bit each, so that a short stream
// needs little memory whatever its headers claim.
struct Workspace {
  explicit Workspace(uint64_t streamBits)
      : size(static_cast<size_t>(std::min<uint64_t>(kMaxSliceSymbols + 1, streamBits)) + kSlack),
        quotients(new uint16_t[size]),
        symbols(new uint16_t[size]),
        runs(new uint32_t[size]) {}

  size_t size;
  std::unique_ptr<uint16_t[]> quotients;
  std::unique_ptr<uint16_t[]> symbols;
  std::unique_ptr<uint32_t[]> runs;
};

// Four 16-bit lanes, lane 0 in the low bits, to and from consecutive elements.
inline void storeLanes(uint16_t* out, uint64_t lanes) {
  storeLittleEndian(reinterpret_cast<uint8_t*>(out), lanes);
}
inline uint64_t loadLanes(const uint16_t* in) {
  return loadLittleEndian(reinterpret_cast<const uint8_t*>(in));
}

class StreamDecoder {
 public:
  StreamDecoder(Span<const uint8_t> stream, int16_t* out, uint64_t limit, udc_npu_error* error)
      : bits_(stream.data(), stream.size()),
        end_(bits_.bitCount()),
        work_(end_),
        out_(out),
        limit_(limit),
        error_(error) {}

  // With `stopWhenFull` data after the end of a stream that reaches the limit is left alone.
  udc_npu_status run(bool stopWhenFull);
  uint64_t count() const { return count_; }
  uint64_t position() const { return position_; }

 private:
  udc_npu_status corrupt(uint64_t position, const char* reason) {
    return failAt(error_, UDC_NPU_CORRUPT_STREAM, position, "%s", reason);
  }
  udc_npu_status truncated() { return corrupt(end_, "the stream ends inside a slice"); }
  udc_npu_status tooMany(uint64_t position) {
    return failAt(error_, UDC_NPU_LIMIT_EXCEEDED, position,
                  "the stream holds more than %llu weights",
                  static_cast<unsigned long long>(limit_));
  }

  uint32_t take(int count) {
    const uint64_t value = bits_.peek(position_) & lowBits(count);
    position_ += static_cast<uint64_t>(count);
    return static_cast<uint32_t>(value);
  }

  udc_npu_status readHeader(bool needsPalette, bool& endOfStream);
  void readPalette();
  udc_npu_status readSlice();
  udc_npu_status readUnpackedSlice();
  udc_npu_status readChunks();
  void weightRemainders(uint32_t from, uint32_t to, int width);
  void runRemainders(uint32_t from, uint32_t to);
  udc_npu_status emit(uint64_t slicePosition);
  template <bool kWrite>
  bool emitSymbols(const uint32_t* runs, uint64_t total);

  BitView bits_;
  uint64_t end_;
  uint64_t position_ = 0;
  Workspace work_;
  int16_t* out_;
  uint64_t limit_;
  uint64_t count_ = 0;
  udc_npu_error* error_;

  SliceHeader header_;
  Palette palette_;
  bool paletteHasRuns_ = false;
  uint32_t runCount_ = 0;
  std::array<int16_t, kCodeCount> weights_{};  // of each symbol
};

udc_npu_status StreamDecoder::run(bool stopWhenFull) {
  bool needsPalette = true;
  for (;;) {
    const uint64_t slicePosition = position_;
    bool endOfStream = false;
    if (udc_npu_status status = readHeader(needsPalette, endOfStream); status != UDC_NPU_OK) {
      return status;
    }
    if (endOfStream) {
      position_ = (position_ + 7) & ~uint64_t{7};
      if (position_ >= end_ || (stopWhenFull && count_ == limit_)) {
        return UDC_NPU_OK;
      }
      needsPalette = true;
      continue;
    }
    needsPalette = false;
    if (udc_npu_status status = readSlice(); status != UDC_NPU_OK) {
      return status;
    }
    if (udc_npu_status status = emit(slicePosition); status != UDC_NPU_OK) {
      return status;
    }
  }
}

// Weight stream format, section 3.
udc_npu_status StreamDecoder::readHeader(bool needsPalette, bool& endOfStream) {
  const uint64_t start = position_;
  if (start + 3 > end_) {
    return corrupt(start, "the stream ends without an end-of-stream mark");
  }
  header_.zdiv = static_cast<int>(take(3));
  endOfStream = header_.zdiv == kZdivEnd;
  if (endOfStream) {
    return UDC_NPU_OK;
  }
  if (header_.zdiv > 3 && header_.zdiv != kZdivNoRuns) {
    return corrupt(start, "ZDIV of a slice is neither 0-3, 6 nor 7");
  }
  header_.symbols = take(15) + 1;
  header_.wdiv = static_cast<int>(take(3));
  header_.truncated = take(1) != 0;
  header_.newPalette = take(1) != 0;
  const auto cutOff = [this] { return corrupt(end_, "the stream ends inside a slice header"); };
  if (position_ > end_) {
    return cutOff();
  }
  if (header_.wdiv == 6) {
    return corrupt(start + 18, "WDIV of a slice is 6");
  }
  if (needsPalette && !header_.newPalette) {
    return corrupt(start + 22, "the first slice defines no palette");
  }
  if (!header_.newPalette && header_.hasRuns() != paletteHasRuns_) {
    return corrupt(start, "a slice switches zero runs on or off without a new palette");
  }
  if (header_.newPalette) {
    readPalette();
    paletteHasRuns_ = header_.hasRuns();
  }
  return position_ > end_ ? cutOff() : UDC_NPU_OK;
}

void StreamDecoder::readPalette() {
  palette_.directOffset = static_cast<int>(take(5));
  const int rawSize = static_cast<int>(take(5));
  palette_.size = rawSize == 0 ? 0 : rawSize + 1;
  palette_.entryBits = static_cast<int>(take(3)) + 2;
  for (int i = 0; i < palette_.size; ++i) {
    palette_.codes[i] = static_cast<uint16_t>(take(palette_.entryBits));
  }
  for (int symbol = 0; symbol < kCodeCount; ++symbol) {
    const int code = palette_.codeOfSymbol(symbol);
    weights_[symbol] = code < kCodeCount ? static_cast<int16_t>(weightOf(code)) : kNoWeight;
  }
}

udc_npu_status StreamDecoder::readSlice() {
  runCount_ = header_.hasRuns() ? header_.symbols + (header_.newPalette ? 1 : 0) : 0;
  // At least a bit for every symbol: also keeps the indices below inside the workspace.
  if (header_.symbols > end_ - position_) {
    return truncated();
  }
  return header_.isUncompressed() && !header_.hasRuns() ? readUnpackedSlice() : readChunks();
}

// Uncompressed symbols without zero runs stand one after the other: no other part is interleaved.
udc_npu_status StreamDecoder::readUnpackedSlice() {
  const int width = palette_.uncompressedBits();
  if (uint64_t{header_.symbols} * static_cast<uint64_t>(width) > end_ - position_) {
    return truncated();
  }
  std::fill_n(work_.quotients.get(), header_.symbols + kSlack, uint16_t{0});
  weightRemainders(0, header_.symbols, width);
  return UDC_NPU_OK;
}

// The interleaved chunks of weight stream format, section 8. Counts include the fill of the last
// chunks, which changes nothing in the schedule.
udc_npu_status StreamDecoder::readChunks() {
  const uint32_t symbols = header_.symbols;
  const bool hasRuns = header_.hasRuns();
  const bool uncompressed = header_.isUncompressed();
  const int width = uncompressed ? palette_.uncompressedBits() : header_.wdiv;
  const uint32_t fixedPositions = static_cast<uint32_t>(uncompressedPositions(width));
  const int zunaryBits = runUnaryBits(header_.zdiv);
  const auto& table = header_.truncated ? kTruncatedQuotients : kPlainQuotients;
  // A run this long cannot fit; also keeps the quotients far from overflowing.
  const uint64_t longestRun = std::min<uint64_t>(limit_ - count_, uint64_t{1} << 31);
  const uint64_t runQuotientLimit = hasRuns ? (longestRun >> header_.zdiv) : 0;

  uint16_t* quotients = work_.quotients.get();
  uint32_t* runs = work_.runs.get();
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
    const bool wantRuns = hasRuns && finishedRuns < runCount_ && finishedSymbols >= finishedRuns;
    const uint32_t symbolsBefore = finishedSymbols;
    const uint32_t runsBefore = finishedRuns;

    // At most 12 + 12 + 12 bits: one look suffices for the three unary parts.
    uint64_t bits = bits_.peek(position_);
    uint32_t unary0 = 0;
    if (wantSymbols && !uncompressed) {
      unary0 = static_cast<uint32_t>(bits & 0xfff);
      bits >>= 12;
      position_ += 12;
    }
    if (wantRuns) {
      for (int i = 0; i < zunaryBits; i += 4, bits >>= 4) {
        const RunStep& step = kRunQuotients[bits & 15];
        std::copy_n(step.quotients, 4, runs + finishedRuns);
        runs[finishedRuns] += runPart;
        runPart = step.finished == 4 ? 0 : runs[finishedRuns + step.finished];
        finishedRuns += step.finished;
      }
      position_ += static_cast<uint64_t>(zunaryBits);
      if (runPart > runQuotientLimit && finishedRuns < runCount_) {
        return position_ > end_ ? truncated() : tooMany(position_);
      }
    }
    if (wantSymbols && uncompressed) {
      finishedSymbols += fixedPositions;
    } else if (wantSymbols) {
      position_ += kPopulation[unary0];
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
        return position_ > end_ ? truncated() : corrupt(position_, "a symbol is greater than 511");
      }
    }

    // The remainders of what the previous iteration finished. Fill has none.
    const uint32_t symbolsDue = std::min(symbolsBefore, symbols);
    if (symbolsRead < symbolsDue) {
      weightRemainders(symbolsRead, symbolsDue, width);
      symbolsRead = symbolsDue;
    }
    const uint32_t runsDue = std::min(runsBefore, runCount_);
    if (runsRead < runsDue) {
      runRemainders(runsRead, runsDue);
      runsRead = runsDue;
    }
    if (position_ > end_) {
      return truncated();
    }
    if (!wantSymbols && !wantRuns) {
      return UDC_NPU_OK;
    }
  }
}

// Symbols [from, to): quotient and remainder put together, four at a time. The last group may write
// past `to`, where the next call writes again.
void StreamDecoder::weightRemainders(uint32_t from, uint32_t to, int width) {
  const uint64_t mask = lowBits(width);
  const uint16_t* quotients = work_.quotients.get();
  uint16_t* symbols = work_.symbols.get();
  uint64_t position = position_;
  for (uint32_t i = from; i < to; i += 4) {
    const uint64_t bits = bits_.peek(position);
    const uint64_t remainders = (bits & mask) | (bits >> width & mask) << 16 |
                                (bits >> 2 * width & mask) << 32 | (bits >> 3 * width & mask) << 48;
    // A quotient is below 2^10 and a Rice parameter at most 5: no lane runs into the next.
    storeLanes(symbols + i, (loadLanes(quotients + i) << (width & 7)) + remainders);
    position += 4 * static_cast<uint64_t>(width);
  }
  position_ += uint64_t{to - from} * static_cast<uint64_t>(width);
}

void StreamDecoder::runRemainders(uint32_t from, uint32_t to) {
  const int width = header_.zdiv;
  const uint64_t mask = lowBits(width);
  uint32_t* runs = work_.runs.get();
  // At most 12 runs of 3 bits.
  uint64_t bits = bits_.peek(position_);
  for (uint32_t i = from; i < to; ++i, bits >>= width) {
    runs[i] = (runs[i] << width) + static_cast<uint32_t>(bits & mask);
  }
  position_ += uint64_t{to - from} * static_cast<uint64_t>(width);
}

udc_npu_status StreamDecoder::emit(uint64_t slicePosition) {
  const uint32_t* runs = work_.runs.get();
  uint64_t total = header_.symbols;
  for (uint32_t i = 0; i < runCount_; ++i) {
    total += runs[i];
  }
  if (total > limit_ - count_) {
    return tooMany(slicePosition);
  }
  const bool valid =
      out_ != nullptr ? emitSymbols<true>(runs, total) : emitSymbols<false>(runs, total);
  if (!valid) {
    return corrupt(slicePosition, "a symbol of this slice is no weight in -255..255");
  }
  count_ += total;
  return UDC_NPU_OK;
}

// False if a symbol has no weight.
template <bool kWrite>
bool StreamDecoder::emitSymbols(const uint32_t* runs, uint64_t total) {
  const uint16_t* symbols = work_.symbols.get();
  const uint32_t n = header_.symbols;
  uint32_t highest = 0;
  bool valid = true;
  const auto weightOfSymbol = [&](uint32_t i) {
    highest |= symbols[i];
    const int16_t weight = weights_[symbols[i] & (kCodeCount - 1)];
    valid &= weight != kNoWeight;
    return weight;
  };
  if (!kWrite) {
    for (uint32_t i = 0; i < n; ++i) {
      weightOfSymbol(i);
    }
  } else if (!header_.hasRuns()) {
    int16_t* out = out_ + count_;
    for (uint32_t i = 0; i < n; ++i) {
      out[i] = weightOfSymbol(i);
    }
  } else {
    // Zeros first, all at once: a fill per run costs more than the stores that it saves.
    int16_t* out = out_ + count_;
    std::fill_n(out, total, int16_t{0});
    if (header_.newPalette) {
      out += *runs++;
    }
    for (uint32_t i = 0; i < n; ++i) {
      *out++ = weightOfSymbol(i);
      out += runs[i];
    }
  }
  return valid && highest < kCodeCount;
}

}  // namespace

udc_npu_status decodeStream(Span<const uint8_t> stream, int16_t* out, uint64_t limit,
                            uint64_t& count, udc_npu_error* error) {
  StreamDecoder decoder(stream, out, limit, error);
  const udc_npu_status status = decoder.run(false);
  count = decoder.count();
  return status;
}

udc_npu_status decodeExactly(Span<const uint8_t> bytes, Span<int16_t> out, uint64_t& consumed,
                             udc_npu_error* error) {
  StreamDecoder decoder(bytes, out.data(), out.size(), error);
  const udc_npu_status status = decoder.run(true);
  consumed = decoder.position() / 8;
  if (status == UDC_NPU_OK && decoder.count() != out.size()) {
    return failAt(error, UDC_NPU_CORRUPT_STREAM, decoder.position(),
                  "the stream holds %llu weights, not %llu",
                  static_cast<unsigned long long>(decoder.count()),
                  static_cast<unsigned long long>(out.size()));
  }
  return status;
}

}  // namespace udc::npu
