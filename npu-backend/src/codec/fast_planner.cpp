#include <algorithm>

#include "codec/palette_search.h"
#include "codec/planner.h"
#include "codec/stats.h"

namespace udc::npu {
namespace {

constexpr uint64_t kFullSweep = 8192;  // below, trying every palette takes longer than the rest

template <typename T>
std::vector<Stats> denseSlices(Span<const T> weights) {
  std::vector<Stats> slices((weights.size() + kMaxSliceSymbols - 1) / kMaxSliceSymbols);
  for (size_t i = 0; i < slices.size(); ++i) {
    const size_t begin = i * kMaxSliceSymbols;
    addDense(weights.sub(begin, std::min<size_t>(kMaxSliceSymbols, weights.size() - begin)),
             slices[i]);
  }
  return slices;
}

// One palette for slices of these statistics.
SectionPlan planLongSlices(Span<const Stats> slices, bool hasRuns, PaletteSweep sweep) {
  CodeCounts total{};
  for (const Stats& slice : slices) {
    for (int code = 0; code < kCodeCount; ++code) {
      total[code] += slice.counts[code];
    }
  }
  SectionPlan plan;
  plan.hasRuns = hasRuns;
  plan.palette = choosePalette({&total, 1}, sweep).palette;
  plan.bits = static_cast<uint64_t>(plan.palette.headerBits());
  SymbolTails tails;
  for (const Stats& slice : slices) {
    symbolTails(slice.counts, plan.palette, tails);
    const BestWeights weights = bestWeightSetting(tails, plan.palette.uncompressedBits());
    const BestRuns runs = bestRunSetting(slice.runs);
    plan.slices.push_back(
        {static_cast<uint32_t>(slice.symbols), weights.setting, static_cast<int8_t>(runs.zdiv)});
    plan.bits += kSliceHeaderBits + weights.bits + runs.bits;
  }
  return plan;
}

}  // namespace

template <typename T>
StreamPlan planFast(Span<const T> weights) {
  const PaletteSweep sweep =
      weights.size() >= kFullSweep ? PaletteSweep::kFull : PaletteSweep::kCoarse;
  const std::vector<Stats> dense = denseSlices(weights);
  SectionPlan best = planLongSlices({dense.data(), dense.size()}, false, sweep);
  uint64_t zeros = 0;
  for (const Stats& slice : dense) {
    zeros += slice.counts[codeOf(0)];
  }
  if (zeros * kZeroShareForRuns >= weights.size()) {
    const std::vector<Stats> sparse = sparseSlices(weights);
    SectionPlan plan = planLongSlices({sparse.data(), sparse.size()}, true, sweep);
    if (plan.bits < best.bits) {
      best = std::move(plan);
    }
  }
  best.begin = 0;
  best.end = weights.size();
  StreamPlan stream;
  stream.sections.push_back(std::move(best));
  return stream;
}

template StreamPlan planFast(Span<const int8_t>);
template StreamPlan planFast(Span<const int16_t>);

}  // namespace udc::npu
