#include "codec/slice_search.h"

#include <algorithm>

#include "codec/viterbi.h"

namespace udc::npu {
namespace {

// A slice costs its header and, on average, half a chunk of fill in each unary part.
constexpr int kSwitchBits = kSliceHeaderBits + 4;
constexpr int kRunSwitchBits = 5;

using CostLanes = std::array<int16_t, SettingPath::kLanes>;

// Bits of a symbol under every weight setting.
CostLanes symbolCosts(int symbol, int uncompressedBits) {
  CostLanes costs;
  costs.fill(kSymbolForbidden);
  for (int index = 0; index < WeightSetting::kCount; ++index) {
    costs[index] =
        static_cast<int16_t>(symbolBits(symbol, WeightSetting::ofIndex(index), uncompressedBits));
  }
  return costs;
}

class SlicePlanner {
 public:
  SlicePlanner(const SectionSymbols& symbols, const Palette& palette)
      : symbols_(symbols), palette_(palette), costs_(kCodeCount) {
    for (int symbol = kCodeCount - 1; symbol >= 0; --symbol) {
      const int code = palette.codeOfSymbol(symbol);
      if (code < kCodeCount) {
        costs_[code] = symbolCosts(symbol, palette.uncompressedBits());
      }
    }
  }

  SectionPlan plan() {
    const std::vector<SettingPath::Piece> pieces = shortestPath();
    const std::vector<uint32_t> starts = exactStarts(pieces);
    SectionPlan plan;
    plan.hasRuns = hasRuns();
    plan.palette = palette_;
    plan.bits = static_cast<uint64_t>(palette_.headerBits());
    Sized open;
    for (size_t i = 0; i < pieces.size(); ++i) {
      const uint32_t end = i + 1 < pieces.size() ? starts[i + 1] : symbolCount();
      for (uint32_t begin = starts[i]; begin < end;) {
        const uint32_t next = std::min(end, begin + kMaxSliceSymbols);
        Sized slice = sized(stats(begin, next));
        begin = next;
        if (open.stats.symbols != 0 &&
            open.stats.symbols + slice.stats.symbols <= kMaxSliceSymbols) {
          Stats both = open.stats;
          both += slice.stats;
          Sized merged = sized(std::move(both));
          if (merged.bits <= open.bits + slice.bits) {
            open = std::move(merged);
            continue;
          }
        }
        close(open, plan);
        open = std::move(slice);
      }
    }
    close(open, plan);
    return plan;
  }

 private:
  struct Sized {
    Stats stats;
    BestWeights weights;
    BestRuns runs;
    uint64_t bits = 0;
  };

  bool hasRuns() const { return !symbols_.runs.empty(); }
  uint32_t symbolCount() const { return static_cast<uint32_t>(symbols_.codes.size()); }

  std::vector<SettingPath::Piece> shortestPath() const {
    constexpr uint32_t kBlock = SettingPath::kBlock;
    const uint32_t count = symbolCount();
    SettingPath path(hasRuns() ? kRunSettings : 1,
                     static_cast<int16_t>(kSwitchBits + (hasRuns() ? kRunSwitchBits : 0)),
                     (count + kBlock - 1) / kBlock);
    for (uint32_t begin = 0; begin < count; begin += kBlock) {
      const uint32_t end = std::min(count, begin + kBlock);
      SettingPath::BlockCosts block;
      for (uint32_t i = begin; i < end; ++i) {
        const CostLanes& costs = costs_[symbols_.codes[i]];
        for (int lane = 0; lane < SettingPath::kLanes; ++lane) {
          block.weights[lane] = static_cast<int16_t>(block.weights[lane] + costs[lane]);
        }
      }
      if (hasRuns()) {
        addRunCosts(begin, end, block);
      }
      path.add(block);
    }
    return path.pieces();
  }

  void addRunCosts(uint32_t begin, uint32_t end, SettingPath::BlockCosts& block) const {
    uint64_t bits[kRunSettings] = {};
    for (uint32_t i = begin == 0 ? 0 : begin + 1; i <= end; ++i) {
      for (int k = 0; k < kRunSettings; ++k) {
        bits[k] += runBits(i, k);
      }
    }
    // Only differences matter, and a difference this large decides alone.
    const uint64_t base = *std::min_element(bits, bits + kRunSettings);
    for (int k = 0; k < kRunSettings; ++k) {
      block.runs[k] =
          static_cast<int16_t>(std::min<uint64_t>(bits[k] - base, uint64_t{kSymbolForbidden}));
    }
  }

  // Moves the starts of the pieces from block borders to the symbol where the switch is cheapest.
  std::vector<uint32_t> exactStarts(const std::vector<SettingPath::Piece>& pieces) const {
    constexpr uint32_t kBlock = SettingPath::kBlock;
    std::vector<uint32_t> starts(pieces.size(), 0);
    for (size_t p = 1; p < pieces.size(); ++p) {
      const uint32_t border = pieces[p].firstBlock * kBlock;
      const uint32_t lowest = std::max(starts[p - 1] + 1, border - std::min(border, kBlock));
      const uint32_t next =
          p + 1 < pieces.size() ? pieces[p + 1].firstBlock * kBlock : symbolCount();
      const uint32_t highest = std::max(lowest, std::min(border + kBlock, next - 1));
      const int before = pieces[p - 1].setting.index();
      const int after = pieces[p].setting.index();
      int64_t cost = 0;
      int64_t best = 0;
      starts[p] = lowest;
      for (uint32_t i = lowest; i < highest; ++i) {
        // Symbol i goes from the later piece to the earlier one.
        const CostLanes& costs = costs_[symbols_.codes[i]];
        cost += costs[before] - costs[after];
        if (hasRuns()) {
          // Its run of zeros goes with it.
          cost += static_cast<int64_t>(runBits(i + 1, pieces[p - 1].zdiv)) -
                  static_cast<int64_t>(runBits(i + 1, pieces[p].zdiv));
        }
        if (cost < best) {
          best = cost;
          starts[p] = i + 1;
        }
      }
    }
    return starts;
  }

  // Bits of the run of zeros in front of a symbol, or behind the last one.
  uint64_t runBits(uint32_t run, int zdiv) const {
    return (symbols_.runs[run] >> zdiv) + 1 + static_cast<uint32_t>(zdiv);
  }

  Stats stats(uint32_t begin, uint32_t end) const {
    Stats stats;
    stats.symbols = end - begin;
    for (uint32_t i = begin; i < end; ++i) {
      ++stats.counts[symbols_.codes[i]];
    }
    if (hasRuns()) {
      for (uint32_t i = begin == 0 ? 0 : begin + 1; i <= end; ++i) {
        stats.runs.add(symbols_.runs[i]);
      }
    }
    return stats;
  }

  Sized sized(Stats stats) {
    Sized result;
    symbolTails(stats.counts, palette_, tails_);
    result.weights = bestWeightSetting(tails_, palette_.uncompressedBits());
    result.runs = bestRunSetting(stats.runs);
    result.bits = kSliceHeaderBits + result.weights.bits + result.runs.bits;
    result.stats = std::move(stats);
    return result;
  }

  static void close(const Sized& slice, SectionPlan& plan) {
    if (slice.stats.symbols != 0) {
      plan.slices.push_back({static_cast<uint32_t>(slice.stats.symbols), slice.weights.setting,
                             static_cast<int8_t>(slice.runs.zdiv)});
      plan.bits += slice.bits;
    }
  }

  const SectionSymbols& symbols_;
  const Palette& palette_;
  std::vector<CostLanes> costs_;  // by code
  SymbolTails tails_;
};

}  // namespace

SectionPlan planSlices(const SectionSymbols& symbols, const Palette& palette) {
  return SlicePlanner(symbols, palette).plan();
}

std::vector<CodeCounts> countsBySetting(const SectionSymbols& symbols, const SectionPlan& plan) {
  std::vector<CodeCounts> counts;
  std::array<int, WeightSetting::kCount> group;
  group.fill(-1);
  size_t symbol = 0;
  for (const SlicePlan& slice : plan.slices) {
    int& index = group[slice.setting.index()];
    if (index < 0) {
      index = static_cast<int>(counts.size());
      counts.emplace_back();
    }
    CodeCounts& target = counts[index];
    for (uint32_t i = 0; i < slice.symbols; ++i) {
      ++target[symbols.codes[symbol++]];
    }
  }
  return counts;
}

}  // namespace udc::npu
