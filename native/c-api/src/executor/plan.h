// Where every feature map of a session lies, and how each node reads its input.
#pragma once

#include <cstdint>
#include <vector>

#include "executor/model.h"

namespace udc {

// How a weighted node's input is brought into its kernel's form before it is read.
enum class Staging {
  kNone,   // read where it lies
  kBytes,  // padded
  kWords,  // padded, as 16-bit values less the zero point
  kPairs   // padded, each 16-bit value with its right neighbour
};

// One node's work. Offsets count from the start of the arena.
struct Step {
  Shape in;
  Shape out;
  uint64_t input;
  uint64_t second;
  uint64_t output;
  Staging staging;
  uint32_t padTop;
  uint32_t padLeft;
  uint32_t stagedColumns;
  uint32_t stripRows;  // output rows that are staged at a time
};

struct Plan {
  std::vector<Step> steps;
  Shape input;
  uint64_t image = 0;    // offset of the picture
  uint64_t scratch = 0;  // offset of what steps need for themselves
  uint64_t arenaBytes = 0;

  // For a picture of this size; throws as Model::shapes does.
  static Plan of(const Model& model, uint32_t height, uint32_t width);
};

// Bytes of one staged value.
constexpr size_t stagedBytes(Staging staging) {
  return staging == Staging::kPairs ? 4 : staging == Staging::kWords ? 2 : 1;
}

}  // namespace udc
