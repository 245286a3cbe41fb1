// The graph of a network: nodes in execution order, each with one output feature map.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "format/json.h"

namespace udc {

struct Shape {
  uint32_t channels = 0;
  uint32_t height = 0;
  uint32_t width = 0;

  uint64_t pixels() const { return static_cast<uint64_t>(height) * width; }
  uint64_t elements() const { return pixels() * channels; }
};

enum class Operation { kConvolution, kDepthwise, kDense, kAdd, kPool, kDepthToSpace };

// Feature maps have numbers: 0 is the picture, i + 1 the output of node i.
struct Node {
  std::string name;
  Operation operation = Operation::kConvolution;
  uint32_t input = 0;
  uint32_t second = 0;       // of a sum
  uint32_t outChannels = 0;  // of convolutions and dense layers
  uint32_t kernel = 1;
  uint32_t stride = 1;
  uint32_t block = 1;    // of depth-to-space: output pixels a side
  int32_t maxLevel = 0;  // greatest magnitude of a weight
  bool relu = false;

  bool weighted() const {
    return operation == Operation::kConvolution || operation == Operation::kDepthwise ||
           operation == Operation::kDense;
  }
  bool binary() const { return operation == Operation::kAdd; }
  // Whether the output has the scale and zero point of the input.
  bool keepsQuantization() const {
    return operation == Operation::kPool || operation == Operation::kDepthToSpace;
  }
  // Weights that feed one output channel.
  uint64_t fanIn(const Shape& in) const {
    return static_cast<uint64_t>(kernel) * kernel * (operation == Operation::kDepthwise ? 1 : in.channels);
  }
};

struct Architecture {
  static constexpr const char* kImage = "image";

  Shape input;
  std::vector<Node> nodes;

  // From architecture.json. Throws UDC_CORRUPT, or UDC_LIMIT_EXCEEDED if there are more nodes.
  static Architecture parse(const JsonValue& json, uint32_t maxNodes);

  // Shapes of all feature maps for a picture of this size. Throws if they do not fit the nodes, or if one has
  // more than maxElements values.
  std::vector<Shape> shapes(uint32_t height, uint32_t width, uint64_t maxElements) const;
};

}  // namespace udc
