// A shortest path over slice settings, block by block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "codec/format.h"

namespace udc::npu {

// States are (ZDIV, weight setting); lanes 13..15 of the weight settings are never entered.
class SettingPath {
 public:
  static constexpr int kLanes = 16;

  // Costs of one block under every weight setting and, where there are runs, every ZDIV. At most
  // kBlock symbols of at most kSymbolForbidden bits each, so that 16 bits suffice.
  struct BlockCosts {
    alignas(16) std::array<int16_t, kLanes> weights{};
    std::array<int16_t, kRunSettings> runs{};
  };
  static constexpr int kBlock = 2;

  struct Piece {
    uint32_t firstBlock;
    WeightSetting setting;
    int zdiv;
  };

  // `runStates` is 4 with zero runs, else 1; a switch costs `switchBits`.
  SettingPath(int runStates, int16_t switchBits, size_t blocks);

  void add(const BlockCosts& costs);

  // The cheapest path: its pieces in order.
  std::vector<Piece> pieces() const;

 private:
  int runStates_;
  int16_t switchBits_;
  alignas(16) std::array<std::array<int16_t, kLanes>, kRunSettings> costs_{};
  std::vector<uint64_t> switched_;   // per block, a bit for each state: it was entered here
  std::vector<uint8_t> bestBefore_;  // per block: the state to enter from
};

}  // namespace udc::npu
