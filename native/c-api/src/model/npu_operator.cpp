#include "model/npu_operator.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>

namespace udc {
namespace {

udc_npu_op initialized(int32_t kind, const Shape& in) {
  udc_npu_op op{};
  udc_npu_error error{};
  check(udc_npu_op_init(kind, &op, &error), error);
  op.ifm = {static_cast<int32_t>(in.height), static_cast<int32_t>(in.width),
            static_cast<int32_t>(in.channels)};
  return op;
}

void setWindow(udc_npu_op& op, uint32_t height, uint32_t width, uint32_t strideY, uint32_t strideX,
               udc_npu_padding padding) {
  op.kernel_height = static_cast<int32_t>(height);
  op.kernel_width = static_cast<int32_t>(width);
  op.stride_y = static_cast<int32_t>(strideY);
  op.stride_x = static_cast<int32_t>(strideX);
  op.padding = padding;
}

udc_npu_op uninferred(const Node& node, const Shape& in, const Shape& second) {
  switch (node.operation) {
    case Operation::kConvolution:
    case Operation::kDepthwise: {
      udc_npu_op op =
          initialized(node.operation == Operation::kConvolution ? UDC_NPU_OP_CONV : UDC_NPU_OP_DEPTHWISE, in);
      setWindow(op, node.kernel, node.kernel, node.stride, node.stride, UDC_NPU_PADDING_SAME);
      return op;
    }
    case Operation::kDense: {
      udc_npu_op op = initialized(UDC_NPU_OP_FULLY_CONNECTED, in);
      op.padding = UDC_NPU_PADDING_VALID;
      return op;
    }
    case Operation::kPool: {
      // A window over everything, as TensorFlow's converter writes it.
      udc_npu_op op = initialized(UDC_NPU_OP_AVERAGE_POOL, in);
      setWindow(op, in.height, in.width, in.height, in.width, UDC_NPU_PADDING_VALID);
      return op;
    }
    case Operation::kAdd: {
      udc_npu_op op = initialized(UDC_NPU_OP_ADD, in);
      op.ifm2 = {static_cast<int32_t>(second.height), static_cast<int32_t>(second.width),
                 static_cast<int32_t>(second.channels)};
      op.padding = UDC_NPU_PADDING_VALID;
      return op;
    }
    case Operation::kDepthToSpace: {
      // A copy: 1x1 pools that write with strides, all of them together as many values as the map has.
      udc_npu_op op = initialized(UDC_NPU_OP_AVERAGE_POOL, in);
      op.padding = UDC_NPU_PADDING_VALID;
      return op;
    }
  }
  fail(UDC_UNSUPPORTED, "%s: the latency model does not cover this operator", node.name.c_str());
}

}  // namespace

udc_npu_op npuOperator(const Node& node, const Shape& in, const Shape& second) {
  udc_npu_op op = uninferred(node, in, second);
  op.activation = node.relu ? UDC_NPU_ACTIVATION_RELU : UDC_NPU_ACTIVATION_NONE;
  udc_npu_error error{};
  const udc_npu_status status = udc_npu_op_infer_output(&op, static_cast<int32_t>(node.outChannels), &error);
  // The node is valid: an argument that the backend refuses is one that it does not cover.
  check(status == UDC_NPU_INVALID_ARGUMENT ? UDC_NPU_UNSUPPORTED : status, error, node.name.substr(0, 80));
  return op;
}

WeightLayout::WeightLayout(const udc_npu_op& op) {
  udc_npu_error error{};
  check(udc_npu_rewrite_op(&op, &rewritten_, &error), error);
}

uint64_t WeightLayout::count() const {
  const Row row = this->row();
  return row.count * row.folded;
}

udc_npu_layer WeightLayout::layer(udc_npu_accelerator accelerator, int32_t ofmBlockDepth) const {
  const udc_npu_op& op = rewritten_.op;
  udc_npu_layer layer{};
  layer.kind = op.kind == UDC_NPU_OP_DEPTHWISE         ? UDC_NPU_LAYER_DEPTHWISE
               : op.kind == UDC_NPU_OP_FULLY_CONNECTED ? UDC_NPU_LAYER_DENSE
                                                       : UDC_NPU_LAYER_CONV;
  layer.accelerator = accelerator;
  layer.out_channels = op.ofm.depth;
  layer.kernel_height = op.kernel_height;
  layer.kernel_width = op.kernel_width;
  layer.in_channels = op.kind == UDC_NPU_OP_DEPTHWISE ? 1 : op.ifm.depth;
  layer.dilation_y = op.dilation_y;
  layer.dilation_x = op.dilation_x;
  layer.ifm_bits = 8;
  layer.ofm_block_depth = ofmBlockDepth;
  return layer;
}

// Column x, channel i of the filter becomes column x / fold, channel (x % fold) * I + i: in memory, each row
// only moves right by the padding.
WeightLayout::Row WeightLayout::row() const {
  const udc_npu_op& op = rewritten_.op;
  const uint64_t channels = op.kind == UDC_NPU_OP_DEPTHWISE ? 1 : static_cast<uint64_t>(op.ifm.depth);
  const uint64_t column = channels / static_cast<uint64_t>(rewritten_.fold);
  const uint64_t folded = channels * static_cast<uint64_t>(op.kernel_width);
  const uint64_t left = column * static_cast<uint64_t>(rewritten_.fold_pad_left);
  const uint64_t right = column * static_cast<uint64_t>(rewritten_.fold_pad_right);
  return {static_cast<uint64_t>(op.ofm.depth) * static_cast<uint64_t>(op.kernel_height), folded, left,
          folded - left - right};
}

std::vector<int16_t> WeightLayout::fold(const int8_t* weights, uint64_t weightCount) const {
  const Row row = this->row();
  if (weightCount != row.count * row.length) {
    fail(UDC_INVALID_ARGUMENT, "weights: found %" PRIu64 ", expected %" PRIu64, weightCount,
         row.count * row.length);
  }
  std::vector<int16_t> folded(count());
  for (uint64_t i = 0; i < row.count; ++i) {
    std::copy_n(weights + i * row.length, row.length, folded.data() + i * row.folded + row.begin);
  }
  return folded;
}

std::vector<int8_t> WeightLayout::unfold(const std::vector<int16_t>& folded, int32_t maxLevel) const {
  const Row row = this->row();
  std::vector<int8_t> weights;
  weights.reserve(row.count * row.length);
  for (uint64_t i = 0; i < folded.size(); ++i) {
    const uint64_t column = i % row.folded;
    const bool padding = column < row.begin || column >= row.begin + row.length;
    const int32_t most = padding ? 0 : maxLevel;
    if (std::abs(folded[i]) > most) {
      fail(UDC_CORRUPT, "found the weight %d, expected -%d to %d", folded[i], most, most);
    }
    if (!padding) {
      weights.push_back(static_cast<int8_t>(folded[i]));
    }
  }
  return weights;
}

}  // namespace udc
