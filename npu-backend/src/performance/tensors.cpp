#include "performance/tensors.h"

#include <limits>

#include "common/status.h"

namespace udc::npu {
namespace {

constexpr int64_t kTensorAlignment = 16;

bool readsSecond(const udc_npu_op& op) { return isBinary(op) && op.ifm2_scalar == 0; }

}  // namespace

uint64_t TensorTable::Tensor::bytes() const {
  const int64_t depth = brick ? roundUp(shape.depth, 16) : shape.depth;
  return static_cast<uint64_t>(
      roundUp(int64_t{shape.height} * shape.width * depth * (bits / 8), kTensorAlignment));
}

udc_npu_status TensorTable::addRead(int32_t id, const Shape& shape, int32_t bits, int32_t index,
                                    udc_npu_error* error) {
  if (id == UDC_NPU_NO_TENSOR) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "operator %d has no input tensor", index);
  }
  const auto [entry, added] =
      tensors_.try_emplace(id, Tensor{shape, bits, -1, 0, index, true, true, false, false});
  Tensor& tensor = entry->second;
  if (!added && elements(tensor.shape) != elements(shape)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "operator %d reads %lld elements of tensor %d, which has %lld", index,
                static_cast<long long>(elements(shape)), id,
                static_cast<long long>(elements(tensor.shape)));
  }
  tensor.brickable = tensor.brickable && tensor.shape == shape;
  tensor.read = true;
  tensor.lastUse = index;
  return UDC_NPU_OK;
}

udc_npu_status TensorTable::build(const std::vector<udc_npu_op>& ops, udc_npu_error* error) {
  opCount_ = ops.size();
  tensors_.clear();
  for (size_t i = 0; i < ops.size(); ++i) {
    const udc_npu_op& op = ops[i];
    const auto index = static_cast<int32_t>(i);
    udc_npu_status status = addRead(op.ifm_tensor, op.ifm, op.ifm_bits, index, error);
    if (status == UDC_NPU_OK && readsSecond(op)) {
      status = addRead(op.ifm2_tensor, op.ifm2, op.ifm_bits, index, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (op.kind == UDC_NPU_OP_REDUCE_SUM && op.ifm_bits == 32) {
      tensors_.at(op.ifm_tensor).brickable =
          false;  // the NPU sums 32-bit channels in plain order only
    }
    if (op.ofm_tensor == UDC_NPU_NO_TENSOR) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "operator %d has no output tensor", index);
    }
    const Tensor written{op.ofm, op.ofm_bits, index, index, index, false, true, false, false};
    if (!tensors_.try_emplace(op.ofm_tensor, written).second) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT,
                  "operator %d writes tensor %d, which was written or read before", index,
                  op.ofm_tensor);
    }
  }
  for (auto& [id, tensor] : tensors_) {
    if (!tensor.read) {
      tensor.lastUse = static_cast<int32_t>(ops.size()) - 1;  // an output outlives the network
    }
  }
  return UDC_NPU_OK;
}

bool TensorTable::staysPlain(const udc_npu_op& op) const {
  if (!isElementwise(op) || op.ofm.depth % 16 == 0) {
    return false;
  }
  // The output may take the place of an input of its own shape and width, if both are stored alike.
  const auto plainTwin = [&](const Shape& shape, int32_t id, bool constant) {
    return shape == op.ofm && op.ifm_bits == op.ofm_bits && (constant || !tensors_.at(id).brick);
  };
  return plainTwin(op.ifm, op.ifm_tensor, false) ||
         (isBinary(op) && plainTwin(op.ifm2, op.ifm2_tensor, op.ifm2_scalar != 0));
}

void TensorTable::assignFormats(std::vector<udc_npu_op>* ops) {
  for (udc_npu_op& op : *ops) {
    const Tensor& in = tensors_.at(op.ifm_tensor);
    op.ifm_format = in.brick ? UDC_NPU_NHCWB16 : UDC_NPU_NHWC;
    op.ifm2_format =
        readsSecond(op) && tensors_.at(op.ifm2_tensor).brick ? UDC_NPU_NHCWB16 : UDC_NPU_NHWC;
    Tensor& out = tensors_.at(op.ofm_tensor);
    // Bricks of 16 channels suit the NPU; the network's border and reshapes need plain order.
    out.brick = out.read && out.brickable && !staysPlain(op);
    op.ofm_format = out.brick ? UDC_NPU_NHCWB16 : UDC_NPU_NHWC;
  }
}

int32_t TensorTable::assignPlacements(const Machine& machine,
                                      const std::vector<uint64_t>& extraBytes,
                                      std::vector<udc_npu_op>* ops) {
  for (auto& [id, tensor] : tensors_) {
    const bool intermediate = tensor.writer >= 0 && tensor.read;
    tensor.fast = !machine.spills() || intermediate;
  }
  int32_t spilled = 0;
  while (machine.spills()) {
    // Spill the largest tensor of the fullest operator until all fit; of equals the first written,
    // so that the result does not depend on the table's order.
    std::vector<uint64_t> live = liveBytes();
    size_t worst = 0;
    for (size_t i = 0; i < live.size(); ++i) {
      live[i] += extraBytes[i];
      worst = live[i] > live[worst] ? i : worst;
    }
    if (live[worst] <= static_cast<uint64_t>(machine.stagingLimit)) {
      break;
    }
    Tensor* victim = nullptr;
    for (auto& [id, tensor] : tensors_) {
      const auto index = static_cast<int32_t>(worst);
      if (!tensor.fast || tensor.firstUse > index || tensor.lastUse < index) {
        continue;
      }
      if (victim == nullptr || tensor.bytes() > victim->bytes() ||
          (tensor.bytes() == victim->bytes() && tensor.writer < victim->writer)) {
        victim = &tensor;
      }
    }
    if (victim == nullptr) {
      break;
    }
    victim->fast = false;
    ++spilled;
  }
  const auto place = [&](int32_t id) {
    return tensors_.at(id).fast ? UDC_NPU_PLACE_FAST : UDC_NPU_PLACE_ARENA;
  };
  for (udc_npu_op& op : *ops) {
    op.ifm_placement = place(op.ifm_tensor);
    op.ifm2_placement = readsSecond(op) ? place(op.ifm2_tensor) : UDC_NPU_PLACE_ARENA;
    op.ofm_placement = place(op.ofm_tensor);
  }
  return spilled;
}

uint64_t TensorTable::firstPairBytes() const {
  uint64_t sum = 0;
  for (const auto& [id, tensor] : tensors_) {
    sum += tensor.fast && tensor.firstUse <= 1 ? tensor.bytes() : 0;
  }
  return sum;
}

std::vector<uint64_t> TensorTable::liveBytes() const {
  // Differences first: a tensor may live through thousands of operators.
  std::vector<uint64_t> live(opCount_ + 1, 0);
  for (const auto& [id, tensor] : tensors_) {
    if (tensor.fast) {
      live[static_cast<size_t>(tensor.firstUse)] += tensor.bytes();
      live[static_cast<size_t>(tensor.lastUse) + 1] -= tensor.bytes();
    }
  }
  for (size_t i = 1; i < live.size(); ++i) {
    live[i] += live[i - 1];
  }
  live.resize(opCount_);
  return live;
}

}  // namespace udc::npu
