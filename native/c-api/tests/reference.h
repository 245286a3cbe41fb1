// A network in plain loops, one value at a time, from the definition of each operator.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/udc_file.h"

namespace udc::test {

using Map = std::vector<int8_t>;

class ReferenceNetwork {
 public:
  ReferenceNetwork(const UdcFile& file, uint32_t height, uint32_t width)
      : file_(file), shapes_(file.architecture.shapes(height, width, UINT32_MAX)) {}

  const std::vector<Shape>& shapes() const { return shapes_; }

  Map run(const Map& picture) const {
    std::vector<Map> maps = {picture};
    for (size_t i = 0; i < file_.architecture.nodes.size(); ++i) {
      const Node& node = file_.architecture.nodes[i];
      Map output(shapes_[i + 1].elements());
      for (size_t value = 0; value < output.size(); ++value) {
        output[value] = static_cast<int8_t>(compute(i, node, maps, value));
      }
      maps.push_back(output);
    }
    return maps.back();
  }

 private:
  int32_t compute(size_t index, const Node& node, const std::vector<Map>& maps, size_t at) const {
    const Shape& out = shapes_[index + 1];
    const Shape& in = shapes_[node.input];
    const auto channel = static_cast<uint32_t>(at % out.channels);
    const auto x = static_cast<uint32_t>(at / out.channels % out.width);
    const auto y = static_cast<uint32_t>(at / out.channels / out.width);
    switch (node.operation) {
      case Operation::kAdd: {
        const size_t second = shapes_[node.second].channels == out.channels ? at : at / out.channels;
        return sum(index, node, maps[node.input][at], maps[node.second][second]);
      }
      case Operation::kPool: {
        int64_t total = 0;
        for (uint64_t pixel = 0; pixel < in.pixels(); ++pixel) {
          total += maps[node.input][pixel * in.channels + channel];
        }
        return static_cast<int32_t>(
            std::round(static_cast<double>(total) / static_cast<double>(in.pixels())));
      }
      case Operation::kDepthToSpace: {
        const uint32_t from = (y % node.block * node.block + x % node.block) * out.channels + channel;
        return maps[node.input][(y / node.block * in.width + x / node.block) * in.channels + from];
      }
      default:
        return convolution(index, node, maps[node.input], channel, y, x);
    }
  }

  int32_t convolution(size_t index, const Node& node, const Map& map, uint32_t channel, uint32_t y,
                      uint32_t x) const {
    const Shape& in = shapes_[node.input];
    const Shape& out = shapes_[index + 1];
    const IntegerLayer& layer = file_.layers[index];
    const bool depthwise = node.operation == Operation::kDepthwise;
    const uint32_t channels = depthwise ? 1 : in.channels;
    const int32_t zeroPoint = file_.quantizations[node.input].zeroPoint;
    const auto origin = [&node](uint32_t at, uint32_t inExtent, uint32_t outExtent) {
      const auto needed = static_cast<int32_t>((outExtent - 1) * node.stride + node.kernel);
      return static_cast<int32_t>(at * node.stride) -
             std::max(needed - static_cast<int32_t>(inExtent), 0) / 2;
    };
    int32_t sum = layer.biases[channel];
    for (uint32_t ky = 0; ky < node.kernel; ++ky) {
      for (uint32_t kx = 0; kx < node.kernel; ++kx) {
        const int32_t row = origin(y, in.height, out.height) + static_cast<int32_t>(ky);
        const int32_t column = origin(x, in.width, out.width) + static_cast<int32_t>(kx);
        if (row < 0 || column < 0 || row >= static_cast<int32_t>(in.height) ||
            column >= static_cast<int32_t>(in.width)) {
          continue;
        }
        for (uint32_t c = 0; c < channels; ++c) {
          const size_t from =
              (static_cast<size_t>(row) * in.width + static_cast<size_t>(column)) * in.channels +
              (depthwise ? channel : c);
          sum += (map[from] - zeroPoint) *
                 layer.weights[((channel * node.kernel + ky) * node.kernel + kx) * channels + c];
        }
      }
    }
    return clamped(index, node, layer.rescales[channel].apply(sum));
  }

  int32_t sum(size_t index, const Node& node, int32_t a, int32_t b) const {
    const Quantization& first = file_.quantizations[node.input];
    const Quantization& second = file_.quantizations[node.second];
    const Quantization& to = file_.quantizations[index + 1];
    const double twice = 2.0 * std::max(first.scale, second.scale);
    const auto rescaled = [](double factor, int32_t value) {
      return Requantization::of(HardwareScale::of(factor)).apply(value);
    };
    const int32_t total = rescaled(first.scale / twice, (a - first.zeroPoint) * (1 << 20)) +
                          rescaled(second.scale / twice, (b - second.zeroPoint) * (1 << 20));
    return clamped(index, node, rescaled(twice / (1 << 20) / static_cast<double>(to.scale), total));
  }

  int32_t clamped(size_t index, const Node& node, int32_t value) const {
    const int32_t zeroPoint = file_.quantizations[index + 1].zeroPoint;
    return std::clamp(value + zeroPoint, node.relu ? zeroPoint : -128, 127);
  }

  const UdcFile& file_;
  std::vector<Shape> shapes_;
};

}  // namespace udc::test
