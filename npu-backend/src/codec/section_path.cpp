#include "codec/section_path.h"

#include <algorithm>
#include <array>
#include <memory>

namespace udc::npu {
namespace {

constexpr uint64_t kBlock = 8;
constexpr int kStates = 32;
constexpr int kSettingsPerPalette = 4;
constexpr int kScale = 8;  // costs in eighths of a bit: what a zero in a long run takes
constexpr int kFillBits = 6;
constexpr int16_t kForbidden = 500 * kScale;

// A palette with a slice setting.
struct State {
  int palette;  // index into the book
  WeightSetting setting;
  int zdiv;
};

using Lanes = std::array<int32_t, kStates>;

bool sameCoding(const SectionPlan& a, const SectionPlan& b) {
  return a.hasRuns == b.hasRuns && a.palette.size == b.palette.size &&
         a.palette.directOffset == b.palette.directOffset &&
         a.palette.entryBits == b.palette.entryBits && a.palette.codes == b.palette.codes;
}

// The settings of a section by the symbols that use them, most first.
std::vector<SlicePlan> popularSettings(const SectionPlan& section) {
  std::vector<SlicePlan> settings;
  for (const SlicePlan& slice : section.slices) {
    const auto same = [&](const SlicePlan& other) {
      return other.setting.index() == slice.setting.index() && other.zdiv == slice.zdiv;
    };
    const auto found = std::find_if(settings.begin(), settings.end(), same);
    if (found == settings.end()) {
      settings.push_back(slice);
    } else {
      found->symbols += slice.symbols;
    }
  }
  std::stable_sort(settings.begin(), settings.end(),
                   [](const SlicePlan& a, const SlicePlan& b) { return a.symbols > b.symbols; });
  if (settings.size() > kSettingsPerPalette) {
    settings.erase(settings.begin() + kSettingsPerPalette, settings.end());
  }
  return settings;
}

class SectionPath {
 public:
  explicit SectionPath(const std::vector<SectionPlan>& book) {
    // Sections that hold much come first; what finds no room among the states is left out.
    std::vector<const SectionPlan*> sections;
    for (const SectionPlan& section : book) {
      sections.push_back(&section);
    }
    std::stable_sort(sections.begin(), sections.end(),
                     [](const SectionPlan* a, const SectionPlan* b) { return a->bits > b->bits; });
    for (const SectionPlan* section : sections) {
      const bool known = std::any_of(palettes_.begin(), palettes_.end(), [&](const auto* other) {
        return sameCoding(*section, *other);
      });
      if (!known) {
        addPalette(*section);
      }
    }
  }

  template <typename T>
  SectionSplit find(Span<const T> weights) {
    const uint64_t blocks = (weights.size() + kBlock - 1) / kBlock;
    std::unique_ptr<uint8_t[]> before(new uint8_t[blocks * kStates]);
    Lanes total;
    total.fill(INT32_MAX / 4);
    for (size_t s = 0; s < states_.size(); ++s) {
      total[s] = enter_[s];
    }
    int64_t base = 0;  // what the totals have been reduced by
    for (uint64_t block = 0; block < blocks; ++block) {
      const uint64_t begin = block * kBlock;
      const uint64_t end = std::min<uint64_t>(weights.size(), begin + kBlock);
      std::array<int16_t, kStates> cost{};
      for (uint64_t i = begin; i < end; ++i) {
        const auto& costs = costs_[codeOf(weights[i])];
        for (int s = 0; s < kStates; ++s) {
          cost[s] = static_cast<int16_t>(cost[s] + costs[s]);
        }
      }
      base += step(total, cost, &before[block * kStates]);
    }
    size_t state = static_cast<size_t>(least(total, 0, static_cast<int>(states_.size())));
    SectionSplit split;
    split.bits = static_cast<uint64_t>(std::max<int64_t>(0, base + total[state])) / kScale;
    std::vector<uint64_t>& ends = split.ends;
    ends.push_back(weights.size());
    for (uint64_t block = blocks; block-- > 1;) {
      const uint8_t previous = before[block * kStates + state];
      if (states_[previous].palette != states_[state].palette) {
        ends.push_back(block * kBlock);
      }
      state = previous;
    }
    std::reverse(ends.begin(), ends.end());
    return split;
  }

 private:
  void addPalette(const SectionPlan& section) {
    const std::vector<SlicePlan> settings = popularSettings(section);
    if (states_.size() + settings.size() > kStates) {
      return;
    }
    const int index = static_cast<int>(palettes_.size());
    palettes_.push_back(&section);
    const int fill = kFillBits * (section.hasRuns ? 2 : 1);
    const int switchBits = kSliceHeaderBits + fill;
    firstState_.push_back(static_cast<int>(states_.size()));
    switch_.push_back(switchBits * kScale);
    for (const SlicePlan& setting : settings) {
      const size_t state = states_.size();
      states_.push_back({index, setting.setting, setting.zdiv});
      enter_[state] = (switchBits + section.palette.headerBits()) * kScale;
      fillCosts(section, setting, state);
    }
    firstState_.push_back(static_cast<int>(states_.size()));
  }

  void fillCosts(const SectionPlan& section, const SlicePlan& slice, size_t state) {
    for (auto& costs : costs_) {
      costs[state] = kForbidden;
    }
    const Palette& palette = section.palette;
    const int runBits = section.hasRuns ? 1 + slice.zdiv : 0;
    for (int symbol = kCodeCount - 1; symbol >= 0; --symbol) {
      const int code = palette.codeOfSymbol(symbol);
      if (code < kCodeCount) {
        const int bits = symbolBits(symbol, slice.setting, palette.uncompressedBits()) + runBits;
        costs_[code][state] = static_cast<int16_t>(std::min<int>(kForbidden, bits * kScale));
      }
    }
    if (section.hasRuns) {
      costs_[codeOf(0)][state] = static_cast<int16_t>(kScale >> slice.zdiv);
    }
  }

  static int least(const Lanes& lanes, int from, int to) {
    return static_cast<int>(std::min_element(lanes.begin() + from, lanes.begin() + to) -
                            lanes.begin());
  }

  // A block may go on as before, under another setting of the same palette, or in a new section.
  // Returns what it has taken off all totals.
  int32_t step(Lanes& total, const std::array<int16_t, kStates>& cost, uint8_t* before) const {
    const int best = least(total, 0, static_cast<int>(states_.size()));
    const int32_t bestTotal = total[best];
    for (size_t p = 0; p < palettes_.size(); ++p) {
      const int from = firstState_[2 * p];
      const int to = firstState_[2 * p + 1];
      const int own = to - from > 1 ? least(total, from, to) : from;
      const int32_t ownTotal = total[own] + switch_[p];
      const int32_t newTotal = bestTotal + enter_[from];
      const bool fresh = newTotal < ownTotal;
      const int32_t moved = fresh ? newTotal : ownTotal;
      const auto mover = static_cast<uint8_t>(fresh ? best : own);
      for (int s = from; s < to; ++s) {
        const bool stays = total[s] <= moved;
        before[s] = stays ? static_cast<uint8_t>(s) : mover;
        total[s] = (stays ? total[s] : moved) + cost[s] - bestTotal;
      }
    }
    return bestTotal;
  }

  std::vector<const SectionPlan*> palettes_;
  std::vector<State> states_;
  std::vector<int> firstState_;  // per palette: its first state and one past its last
  std::vector<int32_t> switch_;  // per palette: a new slice
  Lanes enter_{};                // per state: a new section
  std::array<std::array<int16_t, kStates>, kCodeCount> costs_{};
};

}  // namespace

template <typename T>
SectionSplit cheapestSections(Span<const T> weights, const std::vector<SectionPlan>& book) {
  return std::make_unique<SectionPath>(book)->find(weights);
}

template SectionSplit cheapestSections(Span<const int8_t>, const std::vector<SectionPlan>&);
template SectionSplit cheapestSections(Span<const int16_t>, const std::vector<SectionPlan>&);

}  // namespace udc::npu
