// The weights of a layer in the order in which kernels read them.
#pragma once

#include <cstdint>
#include <vector>

#include "executor/kernels.h"
#include "model/integer_layer.h"

namespace udc {

struct PackedLayer {
  ConvolutionForm form = ConvolutionForm::kPairs;
  uint32_t segments = 0;  // kernel rows
  uint32_t groups = 0;    // of four bytes in a segment; pairs of kernel columns if depthwise
  uint32_t exactRun = 0;
  OutputRange range{};
  std::vector<uint8_t> weights;
  std::vector<int32_t> rescales;

  static PackedLayer pack(const Node& node, const Shape& in, const IntegerLayer& layer, Quantization from,
                          Quantization to, const Kernels& kernels);
};

// The values of a kernels' OutputRange for int8 values of this quantization.
OutputRange outputRange(const Node& node, Quantization to);

}  // namespace udc
