// Tables that decode four unary positions at a time.
#pragma once

#include <array>
#include <cstdint>

namespace udc::npu {

// Result of four positions of a two-level unary code. Lane i of `quotients` (16 bits) is the i-th
// quotient that ends in these positions; lane `finished` is the part of one that does not.
struct QuotientStep {
  uint64_t quotients;
  uint8_t finished;
};

// Indexed by four UNARY0 bits and, above them, the next four UNARY1 bits, of which only as many
// count as UNARY0 has ones: weight stream format, section 6.
constexpr std::array<QuotientStep, 256> makeQuotientTable(bool truncated) {
  std::array<QuotientStep, 256> table{};
  for (uint32_t index = 0; index < 256; ++index) {
    QuotientStep step{};
    uint32_t unary1 = index >> 4;
    uint64_t quotient = 0;
    for (int position = 0; position < 4; ++position) {
      bool ends = true;
      if ((index >> position & 1) != 0) {
        const bool two = (unary1 & 1) != 0;
        unary1 >>= 1;
        quotient += two ? 2 : 1;
        ends = truncated || !two;
      }
      if (ends) {
        step.quotients |= quotient << (16 * step.finished);
        ++step.finished;
        quotient = 0;
      }
    }
    if (step.finished < 4) {
      step.quotients |= quotient << (16 * step.finished);
    }
    table[index] = step;
  }
  return table;
}

inline constexpr std::array<QuotientStep, 256> kPlainQuotients = makeQuotientTable(false);
inline constexpr std::array<QuotientStep, 256> kTruncatedQuotients = makeQuotientTable(true);

// The same for the ordinary unary code of zero runs: a 1 adds one, a 0 ends the quotient.
struct RunStep {
  uint32_t quotients[4];
  uint32_t finished;
};

constexpr std::array<RunStep, 16> makeRunTable() {
  std::array<RunStep, 16> table{};
  for (uint32_t index = 0; index < 16; ++index) {
    RunStep step{};
    uint32_t quotient = 0;
    for (int position = 0; position < 4; ++position) {
      if ((index >> position & 1) != 0) {
        ++quotient;
      } else {
        step.quotients[step.finished++] = quotient;
        quotient = 0;
      }
    }
    if (step.finished < 4) {
      step.quotients[step.finished] = quotient;
    }
    table[index] = step;
  }
  return table;
}

inline constexpr std::array<RunStep, 16> kRunQuotients = makeRunTable();

constexpr std::array<uint8_t, 4096> makePopulationTable() {
  std::array<uint8_t, 4096> table{};
  for (uint32_t index = 1; index < 4096; ++index) {
    table[index] = static_cast<uint8_t>(table[index >> 1] + (index & 1));
  }
  return table;
}

// Ones of a 12-bit field. A table and not an instruction: the baseline x86-64 has none.
inline constexpr std::array<uint8_t, 4096> kPopulation = makePopulationTable();

}  // namespace udc::npu
