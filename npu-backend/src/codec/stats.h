// What the size of a slice or section depends on: a histogram of its symbols and sums of its runs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "codec/format.h"
#include "codec/span.h"

namespace udc::npu {

// Zero runs are tried from one zero in this many weights on: with fewer, a run beside every symbol
// costs more than the zeros do as symbols of nine bits.
inline constexpr uint64_t kZeroShareForRuns = 10;

using CodeCounts = std::array<uint32_t, kCodeCount>;

// The unary parts of zero runs for each Rice parameter. With `runs` they give the exact size.
struct RunSums {
  uint64_t runs = 0;
  std::array<uint64_t, kRunSettings> quotients{};  // [k]: sum of run >> k

  void add(uint64_t run) {
    ++runs;
    for (int k = 0; k < kRunSettings; ++k) {
      quotients[k] += run >> k;
    }
  }
  RunSums& operator+=(const RunSums& other) {
    runs += other.runs;
    for (int k = 0; k < kRunSettings; ++k) {
      quotients[k] += other.quotients[k];
    }
    return *this;
  }
};

// Symbols by code. Zeros count at code 1 (see codeOf), or not at all where runs hold them.
struct Stats {
  CodeCounts counts{};
  uint64_t symbols = 0;
  RunSums runs;

  Stats& operator+=(const Stats& other) {
    for (int code = 0; code < kCodeCount; ++code) {
      counts[code] += other.counts[code];
    }
    symbols += other.symbols;
    runs += other.runs;
    return *this;
  }
};

// False if a weight is out of -255..255; `badIndex` gets its index.
template <typename T>
bool checkWeights(Span<const T> weights, uint64_t& badIndex);

// Every weight is a symbol. Added to `stats`.
template <typename T>
void addDense(Span<const T> weights, Stats& stats);

// Statistics of each of the longest slices of a section with zero runs: the non-zero weights are
// the symbols, the zeros stand in the runs. A section without non-zeros gets one symbol for its
// first zero, as a slice cannot be empty: weight stream format, section 7.
template <typename T>
std::vector<Stats> sparseSlices(Span<const T> weights);

// Calls visit(index) for every weight that is not zero, in order.
template <typename T, typename Visit>
void forEachNonZero(Span<const T> weights, Visit&& visit);

}  // namespace udc::npu

#include "codec/stats_inl.h"
