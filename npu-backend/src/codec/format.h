// The vocabulary of the weight stream (docs/weight-stream.md): codes, palettes, slice settings.
#pragma once

#include <array>
#include <cstdint>

namespace udc::npu {

inline constexpr int kMaxWeight = 255;
inline constexpr int kCodeCount = 512;               // codes and symbols are 0..511
inline constexpr uint32_t kMaxSliceSymbols = 32768;  // 15-bit SLICELEN holds N - 1
inline constexpr int kMaxPalette = 32;
inline constexpr int kMaxDirectOffset = 31;
inline constexpr int kMaxQuotient =
    31;  // of a plain weight code, weight stream format, section 6.1
inline constexpr int kPositionsPerChunk = 12;
inline constexpr int kStreamAlignment = 16;

// Values of the header fields ZDIV and WDIV with a meaning of their own.
inline constexpr int kZdivNoRuns = 6;
inline constexpr int kZdivEnd = 7;
inline constexpr int kWdivUncompressed = 7;
inline constexpr int kRunSettings = 4;  // ZDIV 0..3: Rice parameter of the zero runs

inline constexpr int kSliceHeaderBits = 23;
inline constexpr int kPaletteHeaderBits = 13;  // DIROFS, PALSIZE and PALBITS

// Code of a weight in -255..255. Codes 0 and 1 both mean zero; 1 is the one to write, because a
// direct offset of 1 then gives zero the first direct symbol and wastes none.
constexpr int codeOf(int weight) { return weight > 0 ? 2 * weight : 1 - 2 * weight; }
constexpr int weightOf(int code) { return (code & 1) != 0 ? -(code >> 1) : code >> 1; }

constexpr int ceilLog2(uint32_t value) {
  int bits = 0;
  while ((uint64_t{1} << bits) < value) {
    ++bits;
  }
  return bits;
}

// What a slice with NEWPAL defines and the slices after it keep: weight stream format, section 3.
struct Palette {
  int directOffset = 0;
  int size = 0;       // 0 or 2..32 entries
  int entryBits = 2;  // 2..9; without entries the symbol width of the uncompressed mode
  std::array<uint16_t, kMaxPalette> codes{};

  int headerBits() const { return kPaletteHeaderBits + size * entryBits; }
  // Symbol width of the uncompressed mode: weight stream format, section 5.
  int uncompressedBits() const {
    return size > 0 ? ceilLog2(static_cast<uint32_t>(size)) : entryBits;
  }
  // May lie beyond 511, which no stream may use.
  int codeOfSymbol(int symbol) const {
    return symbol < size ? codes[symbol] : symbol - size + directOffset;
  }
};

// One of the 13 weight codes that a slice can choose: plain and truncated Rice codes with
// parameters 0..5, and the fixed width.
class WeightSetting {
 public:
  static constexpr int kRice = 6;
  static constexpr int kCount = 2 * kRice + 1;

  static constexpr WeightSetting plain(int divisor) { return WeightSetting(divisor); }
  static constexpr WeightSetting truncated(int divisor) { return WeightSetting(kRice + divisor); }
  static constexpr WeightSetting uncompressed() { return WeightSetting(2 * kRice); }
  static constexpr WeightSetting ofIndex(int index) { return WeightSetting(index); }

  constexpr int index() const { return index_; }
  constexpr bool isUncompressed() const { return index_ == 2 * kRice; }
  constexpr bool isTruncated() const { return index_ >= kRice && !isUncompressed(); }
  constexpr int divisor() const { return index_ % kRice; }  // not for the uncompressed mode
  constexpr int wdiv() const { return isUncompressed() ? kWdivUncompressed : divisor(); }

 private:
  explicit constexpr WeightSetting(int index) : index_(static_cast<int8_t>(index)) {}
  int8_t index_;
};

inline constexpr int kSymbolForbidden = 2000;  // more than any symbol's bits

// Bits of a symbol under a setting, kSymbolForbidden if it has no code there: weight stream format,
// section 6.
constexpr int symbolBits(int symbol, WeightSetting setting, int uncompressedBits) {
  if (setting.isUncompressed()) {
    return symbol < 1 << uncompressedBits ? uncompressedBits : kSymbolForbidden;
  }
  const int d = setting.divisor();
  const int quotient = symbol >> d;
  if (setting.isTruncated()) {
    return quotient > 2 ? kSymbolForbidden : d + (quotient > 0 ? 2 : 1);
  }
  return quotient > kMaxQuotient ? kSymbolForbidden : quotient + 1 + d;
}

// Positions that one chunk holds in the uncompressed mode: weight stream format, section 6.3.
constexpr int uncompressedPositions(int symbolBits) { return symbolBits <= 5 ? 12 : 8; }

// Unary bits of zero runs in one chunk: weight stream format, section 7.
constexpr int runUnaryBits(int zdiv) { return zdiv == 3 ? 8 : 12; }

}  // namespace udc::npu
