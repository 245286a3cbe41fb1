// Operators as the NPU backend sees them, and the layout in which their weights are encoded.
#pragma once

#include <cstdint>
#include <vector>

#include "api/failure.h"
#include "model/architecture.h"
#include "udc/npu/layer.h"
#include "udc/npu/performance.h"

namespace udc {

// The operator of a node; throws UDC_UNSUPPORTED if the latency model has none or not at this size.
udc_npu_op npuOperator(const Node& node, const Shape& in, const Shape& second);

// An operator's weights as its streams hold them: after the rewrites that precede costing, one of which folds
// columns of the first operator's filter into channels.
class WeightLayout {
 public:
  explicit WeightLayout(const udc_npu_op& op);

  // Number of weights with folding's zeros.
  uint64_t count() const;

  // The layer of output channels [0, channels) in one depth slice.
  udc_npu_layer layer(udc_npu_accelerator accelerator, int32_t ofmBlockDepth) const;

  // From the original filter's order (output channel, row, column, input channel) to the layer's, and back.
  std::vector<int16_t> fold(const int8_t* weights, uint64_t weightCount) const;
  // Throws UDC_CORRUPT if a weight is out of range or if padding is not zero.
  std::vector<int8_t> unfold(const std::vector<int16_t>& folded, int32_t maxLevel) const;

 private:
  // Where a row of the original filter lies in a row of the folded one.
  struct Row {
    uint64_t count;   // rows
    uint64_t folded;  // weights in a folded row
    uint64_t begin;   // the original's first
    uint64_t length;
  };
  Row row() const;

  udc_npu_rewritten_op rewritten_{};
};

}  // namespace udc
