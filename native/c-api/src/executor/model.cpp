#include "executor/model.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "api/failure.h"

namespace udc {
namespace {

constexpr int32_t kOffset = 128;
constexpr int kCommonBits = 20;  // of a sum's inputs, beyond those of their values

void fill(int32_t (&rows)[kRescaleRows], const Requantization& rescale) {
  rows[kBias] = 0;
  rows[kLeftShift] = rescale.leftShift;
  rows[kMultiplier] = rescale.multiplier;
  rows[kRightShift] = rescale.rightShift;
  rows[kMask] = static_cast<int32_t>((INT64_C(1) << rescale.rightShift) - 1);
}

// Greatest magnitude of an input on the common scale.
int64_t greatest(const Requantization& rescale, int32_t zeroPoint) {
  const int32_t low = rescale.apply((-128 - zeroPoint) * (1 << kCommonBits));
  const int32_t high = rescale.apply((127 - zeroPoint) * (1 << kCommonBits));
  return std::max(std::abs(static_cast<int64_t>(low)), std::abs(static_cast<int64_t>(high)));
}

AddFactors addFactors(const Node& node, Quantization a, Quantization b, Quantization to) {
  const double twiceGreater = 2 * std::max(a.scale, b.scale);  // in single precision, as Java computes it
  const Requantization first = Requantization::of(HardwareScale::of(a.scale / twiceGreater));
  const Requantization second = Requantization::of(HardwareScale::of(b.scale / twiceGreater));
  const Requantization sum = Requantization::of(
      HardwareScale::of(twiceGreater / ((1 << kCommonBits) * static_cast<double>(to.scale))));
  const int64_t most = 2 * std::max(greatest(first, a.zeroPoint), greatest(second, b.zeroPoint));
  if (most > INT32_MAX >> sum.leftShift) {
    fail(UDC_CORRUPT, "%.80s: the output scale %g is too small for the inputs' scales", node.name.c_str(),
         static_cast<double>(to.scale));
  }
  AddFactors factors{};
  factors.zeroPoints[0] = a.zeroPoint + kOffset;
  factors.zeroPoints[1] = b.zeroPoint + kOffset;
  fill(factors.rescales[0], first);
  fill(factors.rescales[1], second);
  fill(factors.rescales[2], sum);
  factors.range = outputRange(node, to);
  return factors;
}

}  // namespace

Model::Model(UdcFile file, const Limits& limits, const Kernels& kernels)
    : file_(std::move(file)), maxFeatureBytes_(limits.featureBytes), kernels_(kernels) {
  const std::vector<Quantization>& quantizations = file_.quantizations;
  for (size_t i = 0; i < nodeCount(); ++i) {
    const Node& node = this->node(i);
    PackedLayer packed;
    AddFactors factors{};
    if (node.weighted()) {
      packed = PackedLayer::pack(node, file_.shapes[node.input], file_.layers[i], quantizations[node.input],
                                 quantizations[i + 1], kernels);
      weightCount_ += file_.layers[i].weights.size();
    } else if (node.binary()) {
      factors = addFactors(node, quantizations[node.input], quantizations[node.second], quantizations[i + 1]);
    }
    file_.layers[i] = {};
    layers_.push_back(std::move(packed));
    factors_.push_back(factors);
  }
}

std::vector<Shape> Model::shapes(uint32_t height, uint32_t width) const {
  const Shape& input = file_.architecture.input;
  const uint32_t rows = height == 0 ? input.height : height;
  const uint32_t columns = width == 0 ? input.width : width;
  if ((rows != input.height || columns != input.width) && !anySize()) {
    fail(UDC_UNSUPPORTED, "the network takes pictures of %ux%u only, found %ux%u", input.width, input.height,
         columns, rows);
  }
  if (rows > INT32_MAX || columns > INT32_MAX) {
    fail(UDC_LIMIT_EXCEEDED, "picture: found %ux%u", columns, rows);
  }
  return file_.architecture.shapes(rows, columns, maxFeatureBytes_);
}

// A dense layer reads one pixel, so that everything before it depends on the size; a global pool does not,
// but a classifier is trained for one size.
bool Model::anySize() const {
  return std::none_of(file_.architecture.nodes.begin(), file_.architecture.nodes.end(), [](const Node& node) {
    return node.operation == Operation::kDense || node.operation == Operation::kPool;
  });
}

uint32_t Model::upscaling() const {
  const Shape& in = file_.shapes.front();
  const Shape& out = file_.shapes.back();
  const uint32_t factor = out.height / in.height;
  const bool upscales = factor > 1 && out.height == in.height * factor && out.width == in.width * factor &&
                        out.channels == in.channels;
  return upscales ? factor : 0;
}

std::array<uint8_t, 256> Model::outputPixels() const {
  const Quantization& in = file_.quantizations.front();
  const Quantization& out = file_.quantizations.back();
  std::array<uint8_t, 256> pixels;
  for (int q = -128; q < 128; ++q) {
    const double steps = static_cast<double>(out.scale) * (q - out.zeroPoint) / static_cast<double>(in.scale);
    const double exact = steps + in.zeroPoint;
    const double whole = std::floor(exact);  // rounded half up, without a sum that could round by itself
    const double pixel = whole + (exact - whole >= 0.5 ? 1 : 0) + kOffset;
    pixels[static_cast<size_t>(q + 128)] = static_cast<uint8_t>(std::clamp(pixel, 0.0, 255.0));
  }
  return pixels;
}

uint64_t Model::macs() const {
  uint64_t macs = 0;
  for (size_t i = 0; i < nodeCount(); ++i) {
    if (node(i).weighted()) {
      macs += node(i).fanIn(file_.shapes[node(i).input]) * file_.shapes[i + 1].elements();
    }
  }
  return macs;
}

}  // namespace udc
