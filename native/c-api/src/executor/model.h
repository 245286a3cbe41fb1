// A network that is ready to run: what all sessions share.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "executor/packed_layer.h"
#include "model/udc_file.h"

namespace udc {

// The factors of a sum: of both inputs to the common scale, and from it to the output's.
struct AddFactors {
  int32_t zeroPoints[2];
  int32_t rescales[3][kRescaleRows];
  OutputRange range;
};

class Model {
 public:
  Model(UdcFile file, const Limits& limits, const Kernels& kernels);

  const UdcFile& file() const { return file_; }
  const Kernels& kernels() const { return kernels_; }
  const Node& node(size_t index) const { return file_.architecture.nodes[index]; }
  size_t nodeCount() const { return file_.architecture.nodes.size(); }
  const PackedLayer& layer(size_t node) const { return layers_[node]; }
  const AddFactors& factors(size_t node) const { return factors_[node]; }

  // Shapes of all feature maps for a picture of this size, 0 standing for the file's. Throws UDC_UNSUPPORTED
  // if it is another size and the network has only one.
  std::vector<Shape> shapes(uint32_t height, uint32_t width) const;

  bool anySize() const;
  // Output pixels a side for one of the input; 0 if the output is no larger picture.
  uint32_t upscaling() const;
  // The pixels that output values stand for, -128 first: the nearest to the same real number of the input.
  std::array<uint8_t, 256> outputPixels() const;
  uint64_t weightCount() const { return weightCount_; }
  uint64_t macs() const;

 private:
  UdcFile file_;  // without the layers' weights
  uint64_t maxFeatureBytes_;
  const Kernels& kernels_;
  std::vector<PackedLayer> layers_;  // one a node, empty for those without weights
  std::vector<AddFactors> factors_;  // one a node
  uint64_t weightCount_ = 0;
};

}  // namespace udc
