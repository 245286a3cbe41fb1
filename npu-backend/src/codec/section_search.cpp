#include "codec/section_search.h"

#include <algorithm>

#include "codec/palette_search.h"
#include "codec/stats.h"

namespace udc::npu {
namespace {

constexpr uint64_t kMergeSlack = 32;  // bits: chance makes small blocks look different

// Weights of one candidate section: all of them counted, zeros too, and the sums of its zero runs.
// A run across a border counts as two, which matters little to the comparison.
struct Segment {
  uint64_t begin = 0;
  uint64_t end = 0;
  Stats stats;
  uint64_t bits = 0;  // estimate for one slice
};

uint64_t estimateBits(const Stats& stats) {
  const uint64_t dense = choosePalette({&stats.counts, 1}, PaletteSweep::kCoarse).bits;
  const uint32_t zeros = stats.counts[codeOf(0)];
  uint64_t bits = dense;
  if (zeros * kZeroShareForRuns >= stats.symbols) {
    CodeCounts nonZeros = stats.counts;
    nonZeros[codeOf(0)] = zeros == stats.symbols ? 1 : 0;
    bits = std::min(bits, choosePalette({&nonZeros, 1}, PaletteSweep::kCoarse).bits +
                              bestRunSetting(stats.runs).bits);
  }
  return bits + kSliceHeaderBits;
}

template <typename T>
class SectionFinder {
 public:
  explicit SectionFinder(Span<const T> weights)
      : weights_(weights), block_(weights.size() <= kSmall ? 128 : 256) {}

  SectionSplit find() {
    split(0, weights_.size());
    // What the tree could not merge because it did not line up with it.
    uint64_t bits = 0;
    for (int pass = 0; pass < 2 && borders_.size() > 1; ++pass) {
      bits = mergeNeighbours();
    }
    return {std::move(borders_), bits};
  }

 private:
  static constexpr size_t kSmall = 1 << 16;

  Segment measure(uint64_t begin, uint64_t end) const {
    Segment segment;
    segment.begin = begin;
    segment.end = end;
    const Span<const T> weights = weights_.sub(begin, end - begin);
    size_t next = 0;
    forEachNonZero(weights, [&](size_t index) {
      ++segment.stats.counts[codeOf(weights[index])];
      ++segment.stats.symbols;
      segment.stats.runs.add(index - next);
      next = index + 1;
    });
    segment.stats.runs.add(weights.size() - next);
    segment.stats.counts[codeOf(0)] = static_cast<uint32_t>(weights.size() - segment.stats.symbols);
    segment.stats.symbols = weights.size();
    segment.bits = estimateBits(segment.stats);
    return segment;
  }

  static bool merge(Segment& left, const Segment& right) {
    Stats both = left.stats;
    both += right.stats;
    const uint64_t bits = estimateBits(both);
    if (bits > left.bits + right.bits + kMergeSlack) {
      return false;
    }
    left.end = right.end;
    left.stats = both;
    left.bits = bits;
    return true;
  }

  // Appends the borders of [begin, end). If it stays whole, its segment is returned.
  std::vector<Segment> split(uint64_t begin, uint64_t end) {
    const uint64_t blocks = (end - begin + block_ - 1) / block_;
    if (blocks <= 1) {
      borders_.push_back(end);
      return std::vector<Segment>(1, measure(begin, end));
    }
    const uint64_t middle = begin + blocks / 2 * block_;
    std::vector<Segment> left = split(begin, middle);
    const std::vector<Segment> right = split(middle, end);
    if (left.empty() || right.empty() || !merge(left[0], right[0])) {
      return {};
    }
    borders_.erase(borders_.end() - 2);  // `middle`
    return left;
  }

  // Returns the bits of what remains.
  uint64_t mergeNeighbours() {
    uint64_t bits = 0;
    std::vector<uint64_t> borders;
    Segment open = measure(0, borders_[0]);
    for (size_t i = 1; i < borders_.size(); ++i) {
      Segment next = measure(borders_[i - 1], borders_[i]);
      if (!merge(open, next)) {
        borders.push_back(open.end);
        bits += open.bits;
        open = std::move(next);
      }
    }
    borders.push_back(open.end);
    borders_ = std::move(borders);
    return bits + open.bits;
  }

  Span<const T> weights_;
  uint64_t block_;
  std::vector<uint64_t> borders_;
};

}  // namespace

template <typename T>
SectionSplit findSections(Span<const T> weights) {
  return SectionFinder<T>(weights).find();
}

template SectionSplit findSections(Span<const int8_t>);
template SectionSplit findSections(Span<const int16_t>);

}  // namespace udc::npu
