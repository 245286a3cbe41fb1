// Tensors between the operators of a network: who writes and reads them, how they are stored,
// where, and how much SRAM they take while they live.
#pragma once

#include <unordered_map>
#include <vector>

#include "performance/machine.h"
#include "performance/operator.h"

namespace udc::npu {

class TensorTable {
 public:
  // Collects the tensors of validated and rewritten operators, in execution order.
  udc_npu_status build(const std::vector<udc_npu_op>& ops, udc_npu_error* error);

  // Sets the formats of the operators' tensors.
  void assignFormats(std::vector<udc_npu_op>* ops);

  // Decides which tensors live in the SRAM, beside extraBytes[i] during operator i, and sets the
  // operators' placements. Returns how many intermediate tensors do not fit.
  int32_t assignPlacements(const Machine& machine, const std::vector<uint64_t>& extraBytes,
                           std::vector<udc_npu_op>* ops);

  // Bytes of feature maps in SRAM during each operator.
  std::vector<uint64_t> liveBytes() const;
  // Bytes of feature maps in SRAM that the first two operators touch.
  uint64_t firstPairBytes() const;

 private:
  struct Tensor {
    Shape shape;  // as its writer, or else its first reader, sees it
    int32_t bits;
    int32_t writer;    // operator's index, -1 for inputs of the network
    int32_t firstUse;  // operators between which the tensor lives
    int32_t lastUse;
    bool read;
    bool brickable;  // everyone sees the same shape and can handle bricks
    bool brick;      // NHCWB16
    bool fast;       // in SRAM
    uint64_t bytes() const;
  };

  // Whether an elementwise operator's output must be as plain as one of its inputs.
  bool staysPlain(const udc_npu_op& op) const;

  udc_npu_status addRead(int32_t id, const Shape& shape, int32_t bits, int32_t index,
                         udc_npu_error* error);

  std::unordered_map<int32_t, Tensor> tensors_;
  size_t opCount_ = 0;
};

}  // namespace udc::npu
