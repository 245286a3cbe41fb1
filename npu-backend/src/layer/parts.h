// The parts of a layer's tensor: one stream for each depth slice and core.
#pragma once

#include <vector>

#include "layer/brick.h"
#include "udc/npu/layer.h"

namespace udc::npu {

// Output channels firstChannel, firstChannel + channelStep, ... of the layer, as `brick` says.
struct LayerPart {
  int32_t core;
  int32_t firstChannel;
  int32_t channelStep;
  udc_npu_brick brick;

  uint64_t channels() const { return uint64_t(brick.out_channels); }
};

udc_npu_traversal traversalOf(const udc_npu_layer& layer);

// Checks the layer and lists its parts in the order of their bytes.
udc_npu_status layerParts(const udc_npu_layer* layer, std::vector<LayerPart>& parts,
                          udc_npu_error* error);

}  // namespace udc::npu
