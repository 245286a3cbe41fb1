#include "model/architecture.h"

#include <algorithm>
#include <cinttypes>
#include <unordered_map>

#include "api/failure.h"

namespace udc {
namespace {

using FeatureMaps = std::unordered_map<std::string, uint32_t>;

// One node's fields.
class NodeReader {
 public:
  NodeReader(const JsonValue& json, const std::string& place, const FeatureMaps& maps)
      : fields_(json, place), maps_(maps) {}

  Node read() {
    node_.name = text("name");
    const std::string op = text("op");
    if (op == "conv") {
      node_.operation = Operation::kConvolution;
      node_.outChannels = natural("outChannels", INT32_MAX);
      readWindow();
      readLayer();
    } else if (op == "depthwise") {
      node_.operation = Operation::kDepthwise;
      readWindow();
      readLayer();
    } else if (op == "dense") {
      node_.operation = Operation::kDense;
      node_.outChannels = natural("outChannels", INT32_MAX);
      readLayer();
    } else if (op == "add") {
      node_.operation = Operation::kAdd;
      node_.input = map("first");
      node_.second = map("second");
      readActivation();
    } else if (op == "globalAveragePool") {
      node_.operation = Operation::kPool;
      node_.input = map("input");
    } else if (op == "depthToSpace") {
      node_.operation = Operation::kDepthToSpace;
      node_.input = map("input");
      node_.block = natural("block", 1 << 10);
    } else {
      fail(UDC_UNSUPPORTED, "%s: found '%.40s', which this version does not know",
           fields_.placeOf("op").c_str(), op.c_str());
    }
    fields_.done();
    return std::move(node_);
  }

 private:
  std::string text(const char* key) { return fields_.at(key).string(fields_.placeOf(key)); }

  uint32_t natural(const char* key, int64_t most) {
    return static_cast<uint32_t>(fields_.at(key).integer(1, most, fields_.placeOf(key)));
  }

  uint32_t map(const char* key) {
    const std::string name = text(key);
    const auto found = maps_.find(name);
    if (found == maps_.end()) {
      fail(UDC_CORRUPT, "%s: '%.60s' is not the name of an earlier node", fields_.placeOf(key).c_str(),
           name.c_str());
    }
    return found->second;
  }

  void readWindow() {
    node_.kernel = natural("kernel", 7);
    if (node_.kernel % 2 == 0) {
      fail(UDC_CORRUPT, "%s: found %u, expected 1, 3, 5 or 7", fields_.placeOf("kernel").c_str(),
           node_.kernel);
    }
    node_.stride = natural("stride", 3);
  }

  void readLayer() {
    node_.input = map("input");
    readActivation();
    JsonFields compression(fields_.at("compression"), fields_.placeOf("compression"));
    const int64_t bits = compression.at("bits").integer(2, 8, compression.placeOf("bits"));
    const double sparsity = compression.at("sparsity").number(compression.placeOf("sparsity"));
    compression.done();
    if (!(sparsity >= 0 && sparsity < 1)) {
      fail(UDC_CORRUPT, "%s: found %g, expected 0 to below 1", compression.placeOf("sparsity").c_str(),
           sparsity);
    }
    node_.maxLevel = (1 << (bits - 1)) - 1;
  }

  void readActivation() {
    const std::string activation = text("activation");
    if (activation != "none" && activation != "relu") {
      fail(UDC_CORRUPT, "%s: found '%.40s', expected none or relu", fields_.placeOf("activation").c_str(),
           activation.c_str());
    }
    node_.relu = activation == "relu";
  }

  JsonFields fields_;
  const FeatureMaps& maps_;
  Node node_;
};

Shape readShape(const JsonValue& json, const std::string& place) {
  JsonFields fields(json, place);
  const auto extent = [&fields](const char* key) {
    return static_cast<uint32_t>(fields.at(key).integer(1, INT32_MAX, fields.placeOf(key)));
  };
  const Shape shape = {extent("channels"), extent("height"), extent("width")};
  fields.done();
  return shape;
}

uint32_t windowed(uint32_t extent, uint32_t stride) { return extent / stride + (extent % stride != 0); }

Shape outputShape(const Node& node, const Shape& in, const Shape& second) {
  switch (node.operation) {
    case Operation::kConvolution:
      return {node.outChannels, windowed(in.height, node.stride), windowed(in.width, node.stride)};
    case Operation::kDepthwise:
      return {in.channels, windowed(in.height, node.stride), windowed(in.width, node.stride)};
    case Operation::kDense:
      if (in.height != 1 || in.width != 1) {
        fail(UDC_CORRUPT, "%s: a dense layer reads 1x1 maps, found %ux%u", node.name.c_str(), in.height,
             in.width);
      }
      return {node.outChannels, 1, 1};
    case Operation::kAdd:
      if (in.height != second.height || in.width != second.width ||
          (in.channels != second.channels && second.channels != 1)) {
        fail(UDC_CORRUPT, "%s: cannot add %ux%ux%u to %ux%ux%u", node.name.c_str(), second.channels,
             second.height, second.width, in.channels, in.height, in.width);
      }
      return in;
    case Operation::kPool:
      return {in.channels, 1, 1};
    case Operation::kDepthToSpace:
      if (in.channels % (node.block * node.block) != 0 || in.height > INT32_MAX / node.block ||
          in.width > INT32_MAX / node.block) {
        fail(UDC_CORRUPT, "%s: %u channels do not divide by %u", node.name.c_str(), in.channels,
             node.block * node.block);
      }
      return {in.channels / (node.block * node.block), in.height * node.block, in.width * node.block};
  }
  return {};
}

}  // namespace

Architecture Architecture::parse(const JsonValue& json, uint32_t maxNodes) {
  JsonFields fields(json, "architecture");
  fields.at("name").string("architecture.name");
  Architecture architecture;
  architecture.input = readShape(fields.at("input"), "architecture.input");
  const std::vector<JsonValue>& nodes = fields.at("nodes").array("architecture.nodes");
  fields.done();
  if (nodes.empty()) {
    fail(UDC_CORRUPT, "architecture.nodes: found none, expected at least one");
  }
  if (nodes.size() > maxNodes) {
    fail(UDC_LIMIT_EXCEEDED, "architecture.nodes: found %zu, expected at most %u", nodes.size(), maxNodes);
  }
  FeatureMaps maps = {{kImage, 0}};
  for (const JsonValue& value : nodes) {
    const std::string place = "architecture.nodes[" + std::to_string(architecture.nodes.size()) + "]";
    Node node = NodeReader(value, place, maps).read();
    const uint32_t number = static_cast<uint32_t>(architecture.nodes.size()) + 1;
    if (!maps.emplace(node.name, number).second) {
      fail(UDC_CORRUPT, "%s: the name '%.60s' is used twice", place.c_str(), node.name.c_str());
    }
    architecture.nodes.push_back(std::move(node));
  }
  return architecture;
}

std::vector<Shape> Architecture::shapes(uint32_t height, uint32_t width, uint64_t maxElements) const {
  std::vector<Shape> shapes;
  shapes.reserve(nodes.size() + 1);
  const auto add = [&shapes, maxElements](const Shape& shape, const char* name) {
    // In this order nothing overflows: extents are below 2^31, and their product is checked first.
    if (shape.pixels() > maxElements || shape.elements() > maxElements) {
      fail(UDC_LIMIT_EXCEEDED, "%s: found a feature map of %ux%ux%u, expected at most %" PRIu64 " values",
           name, shape.channels, shape.height, shape.width, maxElements);
    }
    shapes.push_back(shape);
  };
  add({input.channels, height, width}, kImage);
  for (const Node& node : nodes) {
    add(outputShape(node, shapes[node.input], shapes[node.second]), node.name.c_str());
  }
  return shapes;
}

}  // namespace udc
