#include "codec/viterbi.h"

#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace udc::npu {
namespace {

using Lanes = std::array<int16_t, SettingPath::kLanes>;

// lanes = min(lanes, limit) + weights + run - base. Returns a bit for each lane above the limit and
// updates the least lane.
inline uint32_t advance(Lanes& lanes, const Lanes& weights, int16_t limit, int16_t offset) {
#if defined(__SSE2__)
  auto* state = reinterpret_cast<__m128i*>(lanes.data());
  const auto* cost = reinterpret_cast<const __m128i*>(weights.data());
  const __m128i limits = _mm_set1_epi16(limit);
  const __m128i offsets = _mm_set1_epi16(offset);
  const __m128i low = _mm_load_si128(state);
  const __m128i high = _mm_load_si128(state + 1);
  const __m128i above =
      _mm_packs_epi16(_mm_cmpgt_epi16(low, limits), _mm_cmpgt_epi16(high, limits));
  // Saturating: a forbidden path stays forbidden.
  _mm_store_si128(state, _mm_adds_epi16(_mm_add_epi16(_mm_min_epi16(low, limits), offsets),
                                        _mm_load_si128(cost)));
  _mm_store_si128(state + 1, _mm_adds_epi16(_mm_add_epi16(_mm_min_epi16(high, limits), offsets),
                                            _mm_load_si128(cost + 1)));
  return static_cast<uint32_t>(_mm_movemask_epi8(above));
#else
  uint32_t above = 0;
  for (int i = 0; i < SettingPath::kLanes; ++i) {
    above |= static_cast<uint32_t>(lanes[i] > limit) << i;
    lanes[i] = static_cast<int16_t>(
        std::min<int>(std::min(lanes[i], limit) + offset + weights[i], INT16_MAX));
  }
  return above;
#endif
}

inline int16_t least(const Lanes& lanes) {
#if defined(__SSE2__)
  const auto* state = reinterpret_cast<const __m128i*>(lanes.data());
  __m128i value = _mm_min_epi16(_mm_load_si128(state), _mm_load_si128(state + 1));
  value = _mm_min_epi16(value, _mm_srli_si128(value, 8));
  value = _mm_min_epi16(value, _mm_srli_si128(value, 4));
  value = _mm_min_epi16(value, _mm_srli_si128(value, 2));
  return static_cast<int16_t>(_mm_extract_epi16(value, 0));
#else
  return *std::min_element(lanes.begin(), lanes.end());
#endif
}

}  // namespace

SettingPath::SettingPath(int runStates, int16_t switchBits, size_t blocks)
    : runStates_(runStates), switchBits_(switchBits) {
  switched_.reserve(blocks);
  bestBefore_.reserve(blocks);
  for (auto& lanes : costs_) {
    std::fill(lanes.begin() + WeightSetting::kCount, lanes.end(), kSymbolForbidden);
  }
}

void SettingPath::add(const BlockCosts& costs) {
  int16_t best = INT16_MAX;
  int bestRow = 0;
  for (int z = 0; z < runStates_; ++z) {
    const int16_t value = least(costs_[z]);
    if (value < best) {
      best = value;
      bestRow = z;
    }
  }
  const Lanes& row = costs_[bestRow];
  const auto bestLane = std::find(row.begin(), row.end(), best) - row.begin();
  bestBefore_.push_back(static_cast<uint8_t>(bestRow * kLanes + bestLane));
  uint64_t switched = 0;
  for (int z = 0; z < runStates_; ++z) {
    // Costs are kept relative to the best state before the block.
    const auto offset = static_cast<int16_t>(costs.runs[z] - best);
    switched |= uint64_t{advance(costs_[z], costs.weights, static_cast<int16_t>(best + switchBits_),
                                 offset)}
                << (z * kLanes);
  }
  switched_.push_back(switched);
}

std::vector<SettingPath::Piece> SettingPath::pieces() const {
  std::vector<Piece> pieces;
  int state = 0;
  for (int z = 0; z < runStates_; ++z) {
    for (int lane = 0; lane < WeightSetting::kCount; ++lane) {
      if (costs_[z][lane] < costs_[state / kLanes][state % kLanes]) {
        state = z * kLanes + lane;
      }
    }
  }
  const auto piece = [&](size_t block) {
    return Piece{static_cast<uint32_t>(block), WeightSetting::ofIndex(state % kLanes),
                 runStates_ > 1 ? state / kLanes : kZdivNoRuns};
  };
  for (size_t block = switched_.size(); block-- > 0;) {
    if ((switched_[block] >> state & 1) != 0 && block > 0) {
      pieces.push_back(piece(block));
      state = bestBefore_[block];
    }
  }
  pieces.push_back(piece(0));
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

}  // namespace udc::npu
