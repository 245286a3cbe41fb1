// How a stream is to be written. Planning decides everything and knows the exact size; writing only
// carries it out.
#pragma once

#include <cstdint>
#include <vector>

#include "codec/cost.h"
#include "codec/format.h"
#include "codec/span.h"

namespace udc::npu {

struct SlicePlan {
  uint32_t symbols;
  WeightSetting setting;
  int8_t zdiv;
};

// Weights [begin, end) under one palette: weight stream format, section 11.
struct SectionPlan {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool hasRuns = false;
  Palette palette;
  std::vector<SlicePlan> slices;
  uint64_t bits = kImpossible;  // all slices with their headers
};

struct StreamPlan {
  std::vector<SectionPlan> sections;

  // The end-of-stream mark included.
  uint64_t bits() const {
    uint64_t bits = 3;
    for (const SectionPlan& section : sections) {
      bits += section.bits;
    }
    return bits;
  }

  // The padding included.
  uint64_t bytes() const { return roundUp((bits() + 7) / 8, kStreamAlignment); }
};

// The symbols of a section as codes, and its zero runs if it has them: runs[0] stands before the
// first symbol, runs[i + 1] after symbol i.
struct SectionSymbols {
  std::vector<uint16_t> codes;
  std::vector<uint32_t> runs;
};

template <typename T>
SectionSymbols extractSymbols(Span<const T> weights, bool hasRuns);

}  // namespace udc::npu
