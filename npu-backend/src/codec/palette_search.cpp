#include "codec/palette_search.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace udc::npu {
namespace {

int bitsFor(int maxValue) {
  return std::clamp(ceilLog2(static_cast<uint32_t>(maxValue) + 1), 2, 9);
}

// By which measure codes are drawn into the palette.
enum class Order {
  kCount,       // the most frequent ones; of equal ones those with the greatest codes
  kSaving,      // those whose direct symbols would cost most in all, for narrow Rice codes
  kWideSaving,  // the same for the widest one, where 32 neighbouring codes cost the same
};

// `lowest` is the lowest used code.
uint64_t weightOfCode(Order order, uint32_t count, int code, int lowest) {
  switch (order) {
    case Order::kSaving:
      return uint64_t{count} * static_cast<uint64_t>(code);
    case Order::kWideSaving:
      // The quotient of the direct symbol beside a full palette.
      return uint64_t{count} *
             static_cast<uint64_t>((code + kMaxPalette - std::min(lowest, kMaxDirectOffset)) >> 5);
    default:
      return count;
  }
}

// Counts of one group with the palette's share taken out of the direct codes.
struct Group {
  const CodeCounts* counts;
  std::array<uint32_t, kCodeCount + 1> directAtLeast;  // direct codes >= the index
  std::array<uint32_t, kMaxPalette> entriesAtLeast;    // all symbols >= the index

  void reset() {
    uint32_t total = 0;
    directAtLeast[kCodeCount] = 0;
    for (int code = kCodeCount - 1; code >= 0; --code) {
      total += (*counts)[code];
      directAtLeast[code] = total;
    }
  }
  void moveToPalette(int code) {
    const uint32_t count = (*counts)[code];
    for (int c = 0; c <= code; ++c) {
      directAtLeast[c] -= count;
    }
  }
};

class PaletteSearch {
 public:
  explicit PaletteSearch(Span<const CodeCounts> counts) : groups_(counts.size()) {
    for (size_t g = 0; g < counts.size(); ++g) {
      groups_[g].counts = &counts[g];
      for (int code = 0; code < kCodeCount; ++code) {
        total_[code] += counts[g][code];
      }
    }
    for (int code = 0; code < kCodeCount; ++code) {
      if (total_[code] != 0) {
        used_[usedCount_++] = static_cast<uint16_t>(code);
      }
    }
  }

  // More entries than distinct values help nobody.
  int largest() const { return std::min(usedCount_, kMaxPalette); }

  // Used codes below 2^bits.
  int usedBelow(int bits) const {
    return static_cast<int>(std::lower_bound(used_.begin(), used_.begin() + usedCount_, 1 << bits) -
                            used_.begin());
  }
  int used() const { return usedCount_; }

  // Grows a palette one code at a time, from the lowest `candidates` used codes, and sizes it where
  // `wanted(size)` says so.
  template <typename Wanted>
  void grow(Order order, int candidates, const Wanted& wanted) {
    const int largest = std::min(candidates, kMaxPalette);
    const std::array<uint16_t, kMaxPalette> drawn = draw(order, candidates, largest);
    for (Group& group : groups_) {
      group.reset();
    }
    isDirect_.fill(false);
    for (int i = 0; i < usedCount_; ++i) {
      isDirect_[used_[i]] = true;
    }
    highest_ = usedCount_ > 0 ? used_[usedCount_ - 1] : 0;
    Palette palette;
    if (wanted(0)) {
      consider(palette);
    }
    for (int size = 1; size <= largest; ++size) {
      add(drawn[size - 1], palette);
      if (size == 1 ? usedCount_ == 1 : wanted(size)) {
        consider(palette);
      }
    }
  }

  const PaletteChoice& best() const { return best_; }

 private:
  // The first `size` of the lowest `candidates` used codes.
  std::array<uint16_t, kMaxPalette> draw(Order order, int candidates, int size) const {
    std::array<uint64_t, kCodeCount> keys;
    for (int i = 0; i < candidates; ++i) {
      const int code = used_[i];
      keys[i] =
          weightOfCode(order, total_[code], code, used_[0]) << 9 | static_cast<uint64_t>(code);
    }
    if (size < candidates) {
      std::nth_element(keys.begin(), keys.begin() + size, keys.begin() + candidates,
                       std::greater<>());
    }
    std::sort(keys.begin(), keys.begin() + size, std::greater<>());
    std::array<uint16_t, kMaxPalette> drawn{};
    for (int i = 0; i < size; ++i) {
      drawn[i] = static_cast<uint16_t>(keys[i] & 511);
    }
    return drawn;
  }

  // Entries stay in falling order of their counts: the first ones have the shortest symbols.
  void add(uint16_t code, Palette& palette) {
    int at = palette.size++;
    for (; at > 0 && total_[palette.codes[at - 1]] < total_[code]; --at) {
      palette.codes[at] = palette.codes[at - 1];
    }
    palette.codes[at] = code;
    isDirect_[code] = false;
    for (Group& group : groups_) {
      group.moveToPalette(code);
    }
  }

  // Completes the palette: the direct offset skips every code up to the first that is both used and
  // not in the palette.
  void complete(Palette& palette) {
    while (highest_ > 0 && !isDirect_[highest_]) {
      --highest_;
    }
    int lowest = 0;
    while (lowest < kMaxDirectOffset && !isDirect_[lowest]) {
      ++lowest;
    }
    palette.directOffset = lowest;
    if (palette.size == 0) {
      palette.entryBits = bitsFor(std::max(0, highest_ - lowest));
      return;
    }
    if (palette.size == 1) {
      palette.codes[palette.size++] = palette.codes[0];  // there is no one-entry palette
    }
    palette.entryBits =
        bitsFor(*std::max_element(palette.codes.begin(), palette.codes.begin() + palette.size));
  }

  void consider(Palette palette) {
    const int drawn = palette.size;
    complete(palette);
    const int shift = palette.size - palette.directOffset;  // from a code to its direct symbol
    const bool anyDirect = isDirect_[highest_];
    if (anyDirect && highest_ + shift >= kCodeCount) {
      return;
    }
    const int end = anyDirect ? highest_ + shift + 1 : drawn;
    uint64_t bits = static_cast<uint64_t>(palette.headerBits());
    for (Group& group : groups_) {
      uint32_t total = group.directAtLeast[0];
      for (int i = palette.size - 1; i >= 0; --i) {
        total += i < drawn ? (*group.counts)[palette.codes[i]] : 0;
        group.entriesAtLeast[i] = total;
      }
      const auto atLeast = [&](int symbol) -> uint32_t {
        if (symbol >= end) {
          return 0;
        }
        return symbol < palette.size ? group.entriesAtLeast[symbol]
                                     : group.directAtLeast[symbol - shift];
      };
      if (bits >= best_.bits) {
        return;
      }
      bits += bestWeightSetting(atLeast, end, palette.uncompressedBits(), best_.bits - bits).bits;
    }
    if (bits < best_.bits) {
      best_ = {palette, bits};
    }
  }

  std::vector<Group> groups_;
  CodeCounts total_{};
  std::array<uint16_t, kCodeCount> used_;
  int usedCount_ = 0;
  std::array<bool, kCodeCount> isDirect_;
  int highest_ = 0;  // no direct code lies above
  PaletteChoice best_;
};

}  // namespace

PaletteChoice choosePalette(Span<const CodeCounts> groups, PaletteSweep sweep) {
  PaletteSearch search(groups);
  const int used = search.used();
  if (sweep == PaletteSweep::kNone) {
    search.grow(Order::kCount, used, [](int size) { return size == 0; });
    return search.best();
  }
  if (sweep == PaletteSweep::kCoarse) {
    const int largest = search.largest();
    search.grow(Order::kCount, used, [largest](int size) {
      return size <= 4 || size == 8 || size == 16 || size == largest;
    });
    return search.best();
  }
  const auto every = [](int) { return true; };
  for (const Order order : {Order::kCount, Order::kSaving, Order::kWideSaving}) {
    search.grow(order, used, every);
    // Narrower entries, for which the greatest codes have to stay outside; while that helps.
    for (int bits = 8; bits >= 4 && sweep == PaletteSweep::kWidths; --bits) {
      const int candidates = search.usedBelow(bits);
      if (candidates < search.usedBelow(bits + 1)) {
        const uint64_t before = search.best().bits;
        search.grow(order, candidates, every);
        if (search.best().bits == before) {
          break;
        }
      }
    }
  }
  return search.best();
}

}  // namespace udc::npu
