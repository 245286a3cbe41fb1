// Streams that the encoder itself would not choose: random plans, every slice kind of the format.
#include <gtest/gtest.h>

#include <set>

#include "codec/plan.h"
#include "codec/writer.h"
#include "weight_samples.h"

namespace udc::npu::test {
namespace {

// Random codings of given weights that are legal but seldom good.
class RandomPlanner {
 public:
  RandomPlanner(WeightSampler& sampler, const Weights& weights)
      : sampler_(sampler), weights_(weights) {}

  StreamPlan plan() {
    StreamPlan plan;
    uint64_t begin = 0;
    while (begin < weights_.size()) {
      const uint64_t left = weights_.size() - begin;
      const uint64_t length = sampler_.chance(0.3) ? left : 1 + sampler_.below(left);
      plan.sections.push_back(section(begin, begin + length));
      begin += length;
    }
    return plan;
  }

  const std::set<int>& kinds() const { return kinds_; }

 private:
  SectionPlan section(uint64_t begin, uint64_t end) {
    SectionPlan section;
    section.begin = begin;
    section.end = end;
    section.hasRuns = sampler_.chance(0.5);
    const SectionSymbols symbols =
        extractSymbols(Span<const int16_t>(weights_.data() + begin, end - begin), section.hasRuns);
    section.palette = palette(symbols.codes);
    const std::vector<int> order = symbolsOf(section.palette, symbols.codes);
    for (size_t at = 0; at < order.size();) {
      const size_t left = std::min<size_t>(order.size() - at, kMaxSliceSymbols);
      const size_t length =
          sampler_.chance(0.4) ? left : 1 + sampler_.below(std::min<size_t>(left, 300));
      const int highest = *std::max_element(order.begin() + at, order.begin() + at + length);
      section.slices.push_back(
          {static_cast<uint32_t>(length), setting(highest, section.palette),
           static_cast<int8_t>(section.hasRuns ? sampler_.below(4) : kZdivNoRuns)});
      kinds_.insert(section.slices.back().zdiv * 100 + section.slices.back().setting.index());
      at += length;
    }
    return section;
  }

  // Some values that occur and some that don't; direct symbols must reach the rest.
  Palette palette(const std::vector<uint16_t>& codes) {
    const auto [lowest, highest] = std::minmax_element(codes.begin(), codes.end());
    Palette palette;
    palette.directOffset = static_cast<int>(sampler_.below(std::min<size_t>(*lowest, 31) + 1));
    const size_t room = static_cast<size_t>(511 + palette.directOffset - *highest);
    const size_t size = std::min<size_t>(sampler_.below(33), room);
    palette.size = size < 2 ? 0 : static_cast<int>(size);
    int widest = palette.size == 0 ? *highest - palette.directOffset : 0;
    for (int i = 0; i < palette.size; ++i) {
      palette.codes[i] = sampler_.chance(0.7) ? codes[sampler_.below(codes.size())]
                                              : static_cast<uint16_t>(sampler_.below(512));
      widest = std::max<int>(widest, palette.codes[i]);
    }
    const int least = std::max(2, ceilLog2(static_cast<uint32_t>(widest) + 1));
    palette.entryBits = least + static_cast<int>(sampler_.below(static_cast<size_t>(10 - least)));
    return palette;
  }

  static std::vector<int> symbolsOf(const Palette& palette, const std::vector<uint16_t>& codes) {
    std::vector<int> symbolOf(kCodeCount, 0);
    for (int symbol = kCodeCount - 1; symbol >= 0; --symbol) {
      if (palette.codeOfSymbol(symbol) < kCodeCount) {
        symbolOf[palette.codeOfSymbol(symbol)] = symbol;
      }
    }
    std::vector<int> symbols;
    for (const uint16_t code : codes) {
      symbols.push_back(symbolOf[code]);
    }
    return symbols;
  }

  WeightSetting setting(int highest, const Palette& palette) {
    for (;;) {
      const auto setting =
          WeightSetting::ofIndex(static_cast<int>(sampler_.below(WeightSetting::kCount)));
      if (symbolBits(highest, setting, palette.uncompressedBits()) != kSymbolForbidden) {
        return setting;
      }
    }
  }

  WeightSampler& sampler_;
  const Weights& weights_;
  std::set<int> kinds_;
};

TEST(WeightStreamPlans, EveryLegalCodingDecodes) {
  std::set<int> kinds;
  for (uint64_t seed = 1; seed <= 600; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WeightSampler sampler(seed);
    const Weights weights = sampler.random(1 + sampler.below(seed % 20 == 0 ? 70000 : 1500));
    RandomPlanner planner(sampler, weights);
    const StreamPlan plan = planner.plan();
    // Every run and every quotient fits into a multiple of the weights' number.
    Bytes stream(weights.size() * 40 + plan.sections.size() * 400 + 4096 * 64);
    uint64_t slices = 0;
    for (const SectionPlan& section : plan.sections) {
      slices += section.slices.size();
    }
    stream.resize(stream.size() + slices * 64);
    writeStream({weights.data(), weights.size()}, plan, stream.data());
    // What follows the stream reads as padding.
    while (!stream.empty() && stream.back() == 0) {
      stream.pop_back();
    }
    ASSERT_EQ(weights, decode(stream).weights);
    kinds.insert(planner.kinds().begin(), planner.kinds().end());
  }
  // 13 weight settings, each with ZDIV 0..3 and without runs.
  EXPECT_EQ(65U, kinds.size());
}

}  // namespace
}  // namespace udc::npu::test
