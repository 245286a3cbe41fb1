#include "codec/stats.h"

#include <algorithm>

namespace udc::npu {
namespace {

// Index of a weight in the tables below: they are wider than the weights' range, so that a weight
// needs no check before it is counted.
constexpr uint32_t kTableSize = 512;
constexpr uint32_t tableIndex(int weight) { return static_cast<uint32_t>(weight + 256); }

void addByWeight(const uint32_t* table, CodeCounts& counts) {
  for (int weight = -kMaxWeight; weight <= kMaxWeight; ++weight) {
    counts[codeOf(weight)] += table[tableIndex(weight)];
  }
}

}  // namespace

template <typename T>
bool checkWeights(Span<const T> weights, uint64_t& badIndex) {
  if (sizeof(T) == 1) {
    return true;
  }
  int lowest = 0;
  int highest = 0;
  for (const T weight : weights) {
    lowest = std::min<int>(lowest, weight);
    highest = std::max<int>(highest, weight);
  }
  if (lowest >= -kMaxWeight && highest <= kMaxWeight) {
    return true;
  }
  const auto bad = std::find_if(weights.begin(), weights.end(), [](int weight) {
    return weight < -kMaxWeight || weight > kMaxWeight;
  });
  badIndex = static_cast<uint64_t>(bad - weights.begin());
  return false;
}

template <typename T>
void addDense(Span<const T> weights, Stats& stats) {
  // Four tables: neighbouring weights are often equal, and one counter would make them wait.
  uint32_t tables[4][kTableSize] = {};
  const size_t n = weights.size();
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t t = 0; t < 4; ++t) {
      ++tables[t][tableIndex(weights[i + t])];
    }
  }
  for (; i < n; ++i) {
    ++tables[0][tableIndex(weights[i])];
  }
  for (const auto& table : tables) {
    addByWeight(table, stats.counts);
  }
  stats.symbols += n;
}

template <typename T>
std::vector<Stats> sparseSlices(Span<const T> weights) {
  std::vector<Stats> slices(1);
  uint32_t tables[2][kTableSize] = {};
  uint64_t symbols = 0;
  uint64_t next = 0;  // the index that would leave a run of no zeros
  std::array<uint64_t, kRunSettings> quotients{};
  const auto addRun = [&](uint64_t run) {
    quotients[1] += run >> 1;
    quotients[2] += run >> 2;
    quotients[3] += run >> 3;
  };
  uint64_t firstZero = 0;  // zeros of the slice are what is neither symbol nor in another slice
  const auto finish = [&](uint64_t end) {
    Stats& slice = slices.back();
    addByWeight(tables[0], slice.counts);
    addByWeight(tables[1], slice.counts);
    std::fill_n(&tables[0][0], 2 * kTableSize, 0U);
    slice.symbols = symbols;
    slice.runs.runs = symbols + (slices.size() == 1 ? 1 : 0);
    quotients[0] = end - firstZero - symbols;
    slice.runs.quotients = quotients;
    quotients = {};
    symbols = 0;
    firstZero = end;
  };
  forEachNonZero(weights, [&](size_t index) {
    addRun(index - next);
    if (symbols == kMaxSliceSymbols) {
      finish(index);
      slices.emplace_back();
    }
    ++tables[index & 1][tableIndex(weights[index])];
    ++symbols;
    next = index + 1;
  });
  if (symbols == 0) {
    // No non-zeros at all: the first zero becomes a symbol, after a leading run of none.
    ++tables[0][tableIndex(0)];
    symbols = 1;
    next = 1;
  }
  addRun(weights.size() - next);
  finish(weights.size());
  return slices;
}

template bool checkWeights(Span<const int8_t>, uint64_t&);
template bool checkWeights(Span<const int16_t>, uint64_t&);
template void addDense(Span<const int8_t>, Stats&);
template void addDense(Span<const int16_t>, Stats&);
template std::vector<Stats> sparseSlices(Span<const int8_t>);
template std::vector<Stats> sparseSlices(Span<const int16_t>);

}  // namespace udc::npu
