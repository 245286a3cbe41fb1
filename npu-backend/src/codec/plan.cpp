#include "codec/plan.h"

#include "codec/stats.h"

namespace udc::npu {

template <typename T>
SectionSymbols extractSymbols(Span<const T> weights, bool hasRuns) {
  SectionSymbols symbols;
  const auto code = [](T weight) { return static_cast<uint16_t>(codeOf(weight)); };
  if (!hasRuns) {
    symbols.codes.resize(weights.size());
    for (size_t i = 0; i < weights.size(); ++i) {
      symbols.codes[i] = code(weights[i]);
    }
    return symbols;
  }
  size_t nonZeros = 0;
  for (const T weight : weights) {
    nonZeros += weight != 0 ? 1 : 0;
  }
  if (nonZeros == 0) {
    // A slice cannot be empty: the first zero becomes a symbol.
    symbols.codes.assign(1, code(0));
    symbols.runs = {0, static_cast<uint32_t>(weights.size() - 1)};
    return symbols;
  }
  symbols.codes.resize(nonZeros);
  symbols.runs.resize(nonZeros + 1);
  size_t count = 0;
  size_t next = 0;
  forEachNonZero(weights, [&](size_t index) {
    symbols.codes[count] = code(weights[index]);
    symbols.runs[count] = static_cast<uint32_t>(index - next);
    ++count;
    next = index + 1;
  });
  symbols.runs[count] = static_cast<uint32_t>(weights.size() - next);
  return symbols;
}

template SectionSymbols extractSymbols(Span<const int8_t>, bool);
template SectionSymbols extractSymbols(Span<const int16_t>, bool);

}  // namespace udc::npu
