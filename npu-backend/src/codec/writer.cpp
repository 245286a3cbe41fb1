#include "codec/writer.h"

#include <algorithm>
#include <memory>

#include "codec/bits.h"

namespace udc::npu {
namespace {

// Bits that wait to be interleaved. Unlike BitWriter it stores eight bytes each time, without a
// branch, into a buffer that has room for them.
class BitQueue {
 public:
  void reset(uint64_t bits) {
    const size_t bytes = static_cast<size_t>(bits / 8 + 16);
    if (bytes > capacity_) {
      buffer_.reset(new uint8_t[bytes]);
      capacity_ = bytes;
    }
    out_ = buffer_.get();
    word_ = 0;
    used_ = 0;
    position_ = 0;
  }

  void put(uint64_t value, int count) {
    word_ |= value << used_;
    used_ += count;
    storeLittleEndian(out_, word_);
    out_ += used_ >> 3;
    word_ >>= used_ & ~7;
    used_ &= 7;
  }

  // Ones up to 2^32 of them and a zero.
  void putUnary(uint32_t ones) {
    for (; ones >= 48; ones -= 48) {
      put(lowBits(48), 48);
    }
    put(lowBits(static_cast<int>(ones)), static_cast<int>(ones) + 1);
  }

  // Makes what comes after the last bit read as 0, as the fill of the last chunk must.
  void finish() {
    storeLittleEndian(out_, word_);
    size_ = static_cast<uint64_t>(out_ - buffer_.get()) + 8;
  }

  uint64_t take(int count) {
    const uint64_t value = BitView(buffer_.get(), size_).peek(position_) & lowBits(count);
    position_ += static_cast<uint64_t>(count);
    return value;
  }

 private:
  std::unique_ptr<uint8_t[]> buffer_;
  size_t capacity_ = 0;
  uint8_t* out_ = nullptr;
  uint64_t word_ = 0;
  int used_ = 0;
  uint64_t size_ = 0;
  uint64_t position_ = 0;
};

// One symbol's share of the three weight parts: weight stream format, section 6.
struct SymbolBits {
  uint32_t unary0 = 0;
  uint32_t unary1 = 0;
  uint16_t remainder = 0;
  uint8_t length0 = 0;
  uint8_t length1 = 0;
};

SymbolBits makeSymbolBits(int symbol, WeightSetting setting) {
  SymbolBits bits;
  if (setting.isUncompressed()) {
    bits.remainder = static_cast<uint16_t>(symbol);
    return bits;
  }
  const int quotient = symbol >> setting.divisor();
  if (quotient > kMaxQuotient) {
    return bits;  // has no code here, and so does not occur
  }
  bits.remainder = static_cast<uint16_t>(symbol & ((1 << setting.divisor()) - 1));
  // UNARY1 says "two" with a 1; the last one of an odd quotient says "one" with a 0. In the
  // truncated mode a two ends the symbol, in the plain mode a zero position has to.
  const int ones = (quotient + 1) / 2;
  bits.unary0 = static_cast<uint32_t>(lowBits(ones));
  bits.unary1 = static_cast<uint32_t>(lowBits(quotient / 2));
  bits.length1 = static_cast<uint8_t>(ones);
  bits.length0 = static_cast<uint8_t>(setting.isTruncated() ? 1 : quotient / 2 + 1);
  return bits;
}

class SectionWriter {
 public:
  SectionWriter(const SectionPlan& plan, const SectionSymbols& symbols, BitWriter& out)
      : plan_(plan), symbols_(symbols), out_(out) {
    symbolOf_.fill(-1);
    // Downwards and the palette last, so that of several symbols the smallest one stays.
    for (int symbol = kCodeCount - 1; symbol >= 0; --symbol) {
      const int code = plan.palette.codeOfSymbol(symbol);
      if (code < kCodeCount) {
        symbolOf_[code] = static_cast<int16_t>(symbol);
      }
    }
  }

  void write() {
    size_t symbol = 0;
    size_t run = 0;
    for (size_t i = 0; i < plan_.slices.size(); ++i) {
      const SlicePlan& slice = plan_.slices[i];
      const bool first = i == 0;
      writeHeader(slice, first);
      queueSymbols(slice, symbol);
      const uint32_t runs = plan_.hasRuns ? slice.symbols + (first ? 1 : 0) : 0;
      queueRuns(slice, run, runs);
      interleave(slice, runs);
      symbol += slice.symbols;
      run += runs;
    }
  }

 private:
  // Weight stream format, section 3.
  void writeHeader(const SlicePlan& slice, bool first) {
    out_.put(static_cast<uint64_t>(slice.zdiv), 3);
    out_.put(slice.symbols - 1, 15);
    out_.put(static_cast<uint64_t>(slice.setting.wdiv()), 3);
    out_.put(slice.setting.isTruncated() ? 1 : 0, 1);
    out_.put(first ? 1 : 0, 1);
    if (first) {
      const Palette& palette = plan_.palette;
      out_.put(static_cast<uint64_t>(palette.directOffset), 5);
      out_.put(static_cast<uint64_t>(palette.size == 0 ? 0 : palette.size - 1), 5);
      out_.put(static_cast<uint64_t>(palette.entryBits - 2), 3);
      for (int i = 0; i < palette.size; ++i) {
        out_.put(palette.codes[i], palette.entryBits);
      }
    }
  }

  void queueSymbols(const SlicePlan& slice, size_t from) {
    const int width = symbolWidth(slice);
    for (int code = 0; code < kCodeCount; ++code) {
      table_[code] =
          symbolOf_[code] < 0 ? SymbolBits{} : makeSymbolBits(symbolOf_[code], slice.setting);
    }
    const uint64_t n = slice.symbols;
    unary0_.reset(n * 16);
    unary1_.reset(n * 16);
    remainders_.reset(n * static_cast<uint64_t>(width));
    const uint16_t* codes = symbols_.codes.data() + from;
    for (uint64_t i = 0; i < n; ++i) {
      const SymbolBits bits = table_[codes[i]];
      unary0_.put(bits.unary0, bits.length0);
      unary1_.put(bits.unary1, bits.length1);
      remainders_.put(bits.remainder, width);
    }
    unary0_.finish();
    unary1_.finish();
    remainders_.finish();
  }

  void queueRuns(const SlicePlan& slice, size_t from, uint32_t count) {
    const int width = count == 0 ? 0 : slice.zdiv;
    uint64_t unaryBits = 0;
    for (uint32_t i = 0; i < count; ++i) {
      unaryBits += (symbols_.runs[from + i] >> width) + 1;
    }
    runUnary_.reset(unaryBits);
    runRemainders_.reset(uint64_t{count} * static_cast<uint64_t>(width));
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t run = symbols_.runs[from + i];
      runUnary_.putUnary(run >> width);
      runRemainders_.put(run & lowBits(width), width);
    }
    runUnary_.finish();
    runRemainders_.finish();
  }

  int symbolWidth(const SlicePlan& slice) const {
    return slice.setting.isUncompressed() ? plan_.palette.uncompressedBits()
                                          : slice.setting.divisor();
  }

  // The chunks of weight stream format, section 8.
  void interleave(const SlicePlan& slice, uint32_t runs) {
    const bool uncompressed = slice.setting.isUncompressed();
    const bool truncated = slice.setting.isTruncated();
    const int width = symbolWidth(slice);
    const int zunaryBits = runUnaryBits(slice.zdiv);
    uint64_t symbolsDone = 0;
    uint64_t runsDone = 0;
    uint64_t symbolsFlushed = 0;
    uint64_t runsFlushed = 0;
    for (;;) {
      const bool wantSymbols =
          symbolsDone < slice.symbols && (runs == 0 || symbolsDone < runsDone + 8);
      const bool wantRuns = runsDone < runs && symbolsDone >= runsDone;
      // The remainders to send at the end of this iteration belong to the one before; fill has
      // none.
      const uint64_t symbolsDue = std::min<uint64_t>(symbolsDone, slice.symbols);
      const uint64_t runsDue = std::min<uint64_t>(runsDone, runs);
      uint64_t unary0 = 0;
      if (wantSymbols && !uncompressed) {
        unary0 = unary0_.take(kPositionsPerChunk);
        out_.put(unary0, kPositionsPerChunk);
      }
      if (wantRuns) {
        const uint64_t unary = runUnary_.take(zunaryBits);
        out_.put(unary, zunaryBits);
        runsDone += static_cast<uint64_t>(zunaryBits - __builtin_popcountll(unary));
      }
      if (wantSymbols && uncompressed) {
        symbolsDone += static_cast<uint64_t>(uncompressedPositions(width));
      } else if (wantSymbols) {
        const int length1 = __builtin_popcountll(unary0);
        const uint64_t unary1 = unary1_.take(length1);
        out_.put(unary1, length1);
        // In the plain mode a "two" leaves its symbol unfinished.
        symbolsDone += static_cast<uint64_t>(
            truncated ? kPositionsPerChunk : kPositionsPerChunk - __builtin_popcountll(unary1));
      }
      move(remainders_, (symbolsDue - symbolsFlushed) * static_cast<uint64_t>(width));
      symbolsFlushed = symbolsDue;
      if (runs != 0) {
        move(runRemainders_, (runsDue - runsFlushed) * static_cast<uint64_t>(slice.zdiv));
        runsFlushed = runsDue;
      }
      if (!wantSymbols && !wantRuns) {
        return;
      }
    }
  }

  void move(BitQueue& from, uint64_t bits) {
    constexpr int kPiece = 56;
    for (; bits > kPiece; bits -= kPiece) {
      out_.put(from.take(kPiece), kPiece);
    }
    out_.put(from.take(static_cast<int>(bits)), static_cast<int>(bits));
  }

  const SectionPlan& plan_;
  const SectionSymbols& symbols_;
  BitWriter& out_;
  std::array<int16_t, kCodeCount> symbolOf_;
  std::array<SymbolBits, kCodeCount> table_;
  BitQueue unary0_;
  BitQueue unary1_;
  BitQueue remainders_;
  BitQueue runUnary_;
  BitQueue runRemainders_;
};

}  // namespace

void writeStream(Span<const int16_t> weights, const StreamPlan& plan, uint8_t* out) {
  BitWriter writer(out);
  for (const SectionPlan& section : plan.sections) {
    const SectionSymbols symbols =
        extractSymbols(weights.sub(section.begin, section.end - section.begin), section.hasRuns);
    SectionWriter(section, symbols, writer).write();
  }
  writer.put(kZdivEnd, 3);
  const uint64_t bytes = (writer.bitCount() + 7) / 8;
  const int gap = static_cast<int>(bytes * 8 - writer.bitCount());
  writer.put(lowBits(gap), gap);
  writer.flush();
  std::fill(out + bytes, out + roundUp(bytes, kStreamAlignment), uint8_t{0xff});
}

}  // namespace udc::npu
