// The content of a .udc file: a network in integers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/safetensors.h"
#include "model/architecture.h"
#include "model/integer_layer.h"

namespace udc {

struct Limits {
  uint64_t fileBytes = UINT64_C(256) << 20;
  uint64_t weights = UINT64_C(16) << 20;
  uint64_t featureBytes = UINT64_C(256) << 20;
  uint32_t nodes = 4096;
};

// Digests are only left out by fuzzing and tests of damage, which would not get past them.
enum class Digests { kChecked, kIgnored };

struct UdcFile {
  Architecture architecture;
  std::vector<Shape> shapes;                // of all feature maps
  std::vector<Quantization> quantizations;  // of all feature maps
  std::vector<IntegerLayer> layers;         // one a node; empty for nodes without weights
  std::vector<uint64_t> layerBytes;         // encoded, one a node
  std::vector<std::string> classNames;
  std::string task;
  std::string npu;

  // Throws if the bytes are not such a file, or if it is larger than the limits.
  static UdcFile parse(Bytes file, const Limits& limits, Digests digests);
};

}  // namespace udc
