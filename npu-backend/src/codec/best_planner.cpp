#include <algorithm>
#include <utility>

#include "codec/palette_search.h"
#include "codec/planner.h"
#include "codec/section_path.h"
#include "codec/section_search.h"
#include "codec/slice_search.h"
#include "codec/stats.h"

namespace udc::npu {
namespace {

// Up to here every way to code a section is worth trying; the time does not matter.
constexpr uint64_t kShortStream = 1 << 16;
// Below this a sweep of every palette costs more time than it gains bits.
constexpr uint64_t kLongSection = 4096;
// Zero runs or none: the worse estimate is dropped unless it is this close, in percent.
constexpr uint64_t kCloseEstimate = 8;
constexpr uint64_t kShortCloseEstimate = 30;  // in short streams
// Per mille of the unsplit stream below which the estimate of merged blocks has to lie.
constexpr uint64_t kWorthwhileSplit = 998;
// Per mille of the best plan below which the estimate of a cheapest path has to lie to be planned:
// for the first one and, as the estimate may be a little high, for those that follow a success.
constexpr uint64_t kWorthwhilePath = 999;
constexpr uint64_t kWorthwhileRound = 1002;
// Rounds of splitting: the first one plans what the merged blocks suggest, the others the cheapest
// way to use the codings found so far.
constexpr int kRounds = 3;
// How far a border may move from where the merged blocks, or the cheapest path, have put it.
constexpr uint64_t kMergeReach = 384;
constexpr uint64_t kPathReach = 8;

// Slices for a palette, with one more look at the palette for the slices that were found.
SectionPlan planWithPalette(const SectionSymbols& symbols, const Palette& palette) {
  SectionPlan best = planSlices(symbols, palette);
  if (best.slices.size() > 1) {
    const std::vector<CodeCounts> groups = countsBySetting(symbols, best);
    if (groups.size() > 1) {
      const PaletteChoice again =
          choosePalette({groups.data(), groups.size()}, PaletteSweep::kFull);
      SectionPlan plan = planSlices(symbols, again.palette);
      if (plan.bits < best.bits) {
        best = std::move(plan);
      }
    }
  }
  return best;
}

// Statistics and palette of a section under one of the two ways to treat zeros.
struct Coding {
  bool hasRuns = false;
  CodeCounts counts{};
  PaletteChoice palette;
  RunSums runs;
  uint64_t bits = kImpossible;  // estimate for a single slice
};

// Without and, where zeros are frequent enough, with zero runs; the better estimate first.
template <typename T>
std::vector<Coding> estimateCodings(Span<const T> weights, PaletteSweep sweep) {
  std::vector<Coding> codings(1);
  Stats dense;
  addDense(weights, dense);
  codings[0].counts = dense.counts;
  if (dense.counts[codeOf(0)] * kZeroShareForRuns >= weights.size()) {
    codings.emplace_back();
    codings[1].hasRuns = true;
    for (const Stats& slice : sparseSlices(weights)) {
      codings[1].runs += slice.runs;
      for (int code = 0; code < kCodeCount; ++code) {
        codings[1].counts[code] += slice.counts[code];
      }
    }
  }
  for (Coding& coding : codings) {
    coding.palette = choosePalette({&coding.counts, 1}, sweep);
    coding.bits = coding.palette.bits + bestRunSetting(coding.runs).bits;
  }
  if (codings.size() > 1 && codings[1].bits < codings[0].bits) {
    std::swap(codings[0], codings[1]);
  }
  return codings;
}

template <typename T>
class BestPlanner {
 public:
  explicit BestPlanner(Span<const T> weights)
      : weights_(weights), thorough_(weights.size() <= kShortStream) {}

  StreamPlan plan() {
    best_ = planFast(weights_);
    std::vector<SectionPlan> book;
    consider(planWhole(book));
    SectionSplit split = findSections(weights_);
    if (!thorough_ && !isBelow(split, kWorthwhileSplit)) {
      return std::move(best_);
    }
    StreamPlan plan;
    uint64_t reach = kMergeReach;
    if (thorough_ && split.ends.size() == 1) {
      // The ways to code the whole stream may each suit a part of it.
      split = cheapestSections(weights_, book);
      reach = kPathReach;
      if (!isBelow(split, kWorthwhilePath)) {
        return std::move(best_);
      }
    }
    for (int round = 0; round < kRounds && split.ends.size() > 1; ++round) {
      refineBorders(split.ends, std::exchange(reach, kPathReach));
      plan = planSections(split.ends, plan);
      // The first split only suggests codings: what uses them best may gain where it does not.
      if (!consider(plan) && round > 0) {
        break;
      }
      std::vector<SectionPlan> codings = plan.sections;
      codings.insert(codings.end(), book.begin(), book.end());
      split = cheapestSections(weights_, codings);
      if (!isBelow(split, kWorthwhileRound)) {
        break;
      }
    }
    return std::move(best_);
  }

 private:
  // Whether a split's estimate, in per mille of the best plan so far, is below a limit.
  bool isBelow(const SectionSplit& split, uint64_t limit) const {
    return split.bits * 1000 < best_.bits() * limit;
  }

  bool consider(StreamPlan plan) {
    if (plan.bits() >= best_.bits()) {
      return false;
    }
    best_ = std::move(plan);
    return true;
  }

  PaletteSweep sweepFor(uint64_t length) const {
    if (thorough_ || length == weights_.size()) {
      return PaletteSweep::kWidths;
    }
    return length >= kLongSection ? PaletteSweep::kFull : PaletteSweep::kCoarse;
  }

  // The whole stream as one section; `book` gets every way to code it that was tried.
  StreamPlan planWhole(std::vector<SectionPlan>& book) const {
    StreamPlan plan;
    plan.sections.push_back(planSection(0, weights_.size(), &book));
    return plan;
  }

  SectionPlan planSection(uint64_t begin, uint64_t end,
                          std::vector<SectionPlan>* book = nullptr) const {
    const Span<const T> weights = weights_.sub(begin, end - begin);
    const std::vector<Coding> codings = estimateCodings(weights, sweepFor(weights.size()));
    SectionPlan best;
    const auto consider = [&](SectionPlan plan) {
      if (book != nullptr) {
        book->push_back(plan);
      }
      if (plan.bits < best.bits) {
        best = std::move(plan);
      }
    };
    for (const Coding& coding : codings) {
      const uint64_t slack = thorough_ ? kShortCloseEstimate : kCloseEstimate;
      if (coding.bits * 100 > codings[0].bits * (100 + slack)) {
        continue;
      }
      const SectionSymbols symbols = extractSymbols(weights, coding.hasRuns);
      consider(planWithPalette(symbols, coding.palette.palette));
      if (thorough_ && coding.palette.palette.size != 0) {
        // What is best for one slice need not be for several.
        consider(planWithPalette(symbols,
                                 choosePalette({&coding.counts, 1}, PaletteSweep::kNone).palette));
      }
    }
    best.begin = begin;
    best.end = end;
    return best;
  }

  // Sections that `known` holds, in order, are taken from there.
  StreamPlan planSections(const std::vector<uint64_t>& ends, const StreamPlan& known) const {
    StreamPlan plan;
    uint64_t begin = 0;
    auto next = known.sections.begin();
    for (const uint64_t end : ends) {
      while (next != known.sections.end() && next->begin < begin) {
        ++next;
      }
      const bool same = next != known.sections.end() && next->begin == begin && next->end == end;
      plan.sections.push_back(same ? *next : planSection(begin, end));
      begin = end;
    }
    return plan;
  }

  using BorderCosts = std::array<int32_t, kCodeCount>;

  // Bits, times 8, of every weight in a section of one slice: enough to compare two sections.
  BorderCosts borderCosts(uint64_t begin, uint64_t end) const {
    constexpr int32_t kForbidden = 1 << 16;
    const Span<const T> weights = weights_.sub(begin, end - begin);
    const Coding coding = estimateCodings(weights, PaletteSweep::kCoarse)[0];
    const Palette& palette = coding.palette.palette;
    const int zdiv = bestRunSetting(coding.runs).zdiv;
    const int runBits = coding.hasRuns ? 1 + zdiv : 0;
    SymbolTails tails;
    symbolTails(coding.counts, palette, tails);
    const WeightSetting setting = bestWeightSetting(tails, palette.uncompressedBits()).setting;
    BorderCosts costs;
    costs.fill(kForbidden);
    for (int symbol = kCodeCount - 1; symbol >= 0; --symbol) {
      const int code = palette.codeOfSymbol(symbol);
      if (code < kCodeCount) {
        costs[code] = std::min(
            kForbidden, 8 * (symbolBits(symbol, setting, palette.uncompressedBits()) + runBits));
      }
    }
    if (coding.hasRuns) {
      costs[codeOf(0)] = 8 >> zdiv;
    }
    return costs;
  }

  // Moves borders, so far at multiples of a block, to the weight where they cost least.
  void refineBorders(std::vector<uint64_t>& ends, uint64_t reach) const {
    BorderCosts left = borderCosts(0, ends[0]);
    uint64_t begin = 0;
    for (size_t i = 0; i + 1 < ends.size(); ++i) {
      const BorderCosts right = borderCosts(ends[i], ends[i + 1]);
      const uint64_t low = std::max(ends[i] - std::min(ends[i], reach), begin + 1);
      const uint64_t high = std::min(ends[i] + reach, ends[i + 1] - 1);
      int64_t cost = 0;
      int64_t least = 0;
      uint64_t border = low;
      for (uint64_t at = low; at < high; ++at) {
        const int code = codeOf(weights_[at]);
        cost += left[code] - right[code];
        if (cost < least) {
          least = cost;
          border = at + 1;
        }
      }
      begin = ends[i] = border;
      left = right;
    }
  }

  Span<const T> weights_;
  bool thorough_;
  StreamPlan best_;
};

}  // namespace

template <typename T>
StreamPlan planBest(Span<const T> weights) {
  return BestPlanner<T>(weights).plan();
}

template StreamPlan planBest(Span<const int8_t>);
template StreamPlan planBest(Span<const int16_t>);

}  // namespace udc::npu
