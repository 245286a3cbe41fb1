#include "executor/packed_layer.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace udc {
namespace {

constexpr int32_t kOffset = 128;

// One layer's way into panels.
class Packer {
 public:
  Packer(const Node& node, const Shape& in, const IntegerLayer& layer, const Kernels& kernels,
         PackedLayer& packed)
      : layer_(layer),
        lanes_(kernels.lanes),
        kernel_(node.kernel),
        segment_(node.fanIn(in) / node.kernel),
        channels_(layer.biases.size()),
        panels_((channels_ + lanes_ - 1) / lanes_),
        packed_(packed) {}

  void packConvolution(const Kernels& kernels) {
    packed_.segments = kernel_;
    packed_.exactRun = kernels.quadsNeedRuns ? exactRun() : 0;
    const bool quads = kernels.convolveQuads != nullptr && (!kernels.quadsNeedRuns || packed_.exactRun > 0);
    packed_.form = quads ? ConvolutionForm::kQuads : ConvolutionForm::kPairs;
    const size_t perGroup = quads ? 4 : 2;
    packed_.groups = static_cast<uint32_t>((segment_ + perGroup - 1) / perGroup);
    packWeights(perGroup);
  }

  // A channel's segment is one kernel row, read in pairs of columns.
  void packDepthwise() {
    packed_.segments = kernel_;
    packed_.groups = (kernel_ + 1) / 2;
    packWeights(2);
  }

  // Sums of u are those of u - zeroPoint and zeroPoint times the sum of the weights.
  void packRescales(int32_t zeroPoint) {
    packed_.rescales.assign(panels_ * kRescaleRows * lanes_, 0);
    const bool quads = packed_.form == ConvolutionForm::kQuads;
    for (size_t channel = 0; channel < channels_; ++channel) {
      uint32_t bias = static_cast<uint32_t>(layer_.biases[channel]);
      for (size_t i = 0; quads && i < kernel_ * segment_; ++i) {
        bias -= static_cast<uint32_t>(weight(channel, 0, i) * zeroPoint);
      }
      const Requantization& rescale = layer_.rescales[channel];
      int32_t* rows = packed_.rescales.data() + channel / lanes_ * kRescaleRows * lanes_ + channel % lanes_;
      rows[kBias * lanes_] = static_cast<int32_t>(bias);
      rows[kLeftShift * lanes_] = rescale.leftShift;
      rows[kMultiplier * lanes_] = rescale.multiplier;
      rows[kRightShift * lanes_] = rescale.rightShift;
      rows[kMask * lanes_] = static_cast<int32_t>((INT64_C(1) << rescale.rightShift) - 1);
    }
  }

 private:
  int32_t weight(size_t channel, size_t row, size_t i) const {
    return layer_.weights[(channel * kernel_ + row) * segment_ + i];
  }

  // Groups of `perGroup` weights in four bytes, zeros behind a segment's end and behind the last channel.
  void packWeights(size_t perGroup) {
    const size_t groups = packed_.groups;
    packed_.weights.assign(panels_ * kernel_ * groups * lanes_ * 4, 0);
    for (size_t channel = 0; channel < channels_; ++channel) {
      for (size_t row = 0; row < kernel_; ++row) {
        for (size_t i = 0; i < segment_; ++i) {
          const size_t group = (channel / lanes_ * kernel_ + row) * groups + i / perGroup;
          uint8_t* to = packed_.weights.data() + (group * lanes_ + channel % lanes_) * 4;
          const auto value = static_cast<int16_t>(weight(channel, row, i));
          if (perGroup == 4) {
            to[i % 4] = static_cast<uint8_t>(value);
          } else {
            std::memcpy(to + i % 2 * 2, &value, sizeof value);
          }
        }
      }
    }
  }

  // The most groups whose byte products, of u in 0..255, always add up within 16 bits; 0 if a single one may
  // not. A sum of u * w lies between 255 times the sums of the negative and of the positive weights.
  uint32_t exactRun() const {
    for (const uint32_t run : {32U, 24U, 16U, 12U, 8U, 6U, 5U, 4U, 3U, 2U, 1U}) {
      if (isExact(run)) {
        return run;
      }
    }
    return 0;
  }

  bool isExact(size_t run) const {
    constexpr int32_t kMost = INT16_MAX / 255;
    for (size_t channel = 0; channel < channels_; ++channel) {
      for (size_t row = 0; row < kernel_; ++row) {
        for (size_t begin = 0; begin < segment_; begin += 4 * run) {
          std::array<int32_t, 2> positive{};
          std::array<int32_t, 2> negative{};
          for (size_t i = begin; i < std::min(begin + 4 * run, segment_); ++i) {
            const int32_t value = weight(channel, row, i);
            (value > 0 ? positive : negative)[i / 2 % 2] += std::abs(value);
          }
          if (std::max({positive[0], positive[1], negative[0], negative[1]}) > kMost) {
            return false;
          }
        }
      }
    }
    return true;
  }

  const IntegerLayer& layer_;
  const size_t lanes_;
  const uint32_t kernel_;
  const size_t segment_;  // weights of one kernel row
  const size_t channels_;
  const size_t panels_;
  PackedLayer& packed_;
};

}  // namespace

OutputRange outputRange(const Node& node, Quantization to) {
  return {to.zeroPoint + kOffset, node.relu ? to.zeroPoint + kOffset : 0};
}

PackedLayer PackedLayer::pack(const Node& node, const Shape& in, const IntegerLayer& layer, Quantization from,
                              Quantization to, const Kernels& kernels) {
  PackedLayer packed;
  packed.range = outputRange(node, to);
  Packer packer(node, in, layer, kernels, packed);
  if (node.operation == Operation::kDepthwise) {
    packer.packDepthwise();
  } else {
    packer.packConvolution(kernels);
  }
  packer.packRescales(from.zeroPoint + kOffset);
  return packed;
}

}  // namespace udc
