// Estimate of one operator in its surroundings.
#pragma once

#include <vector>

#include "performance/buffering.h"

namespace udc::npu {

// Estimates one rewritten operator, possibly with several sizes of its weights: the block, which
// does not depend on them, is searched once. Machine and operator must outlive the estimator.
class LayerEstimator {
 public:
  LayerEstimator(const Machine& machine, const udc_npu_op& op);

  // `previousSlack` is the slack of the operator before this one.
  udc_npu_status estimate(const udc_npu_weight_sizes* sizes, double previousSlack,
                          udc_npu_layer_estimate* estimate, udc_npu_error* error) const;

 private:
  udc_npu_status estimateWith(const udc_npu_block& block, const udc_npu_weight_sizes* sizes,
                              double previousSlack, udc_npu_layer_estimate* estimate,
                              udc_npu_error* error) const;
  udc_npu_status improve(const udc_npu_weight_sizes* sizes, double previousSlack,
                         udc_npu_layer_estimate* estimate, udc_npu_error* error) const;

  const Machine& machine_;
  const udc_npu_op& op_;
  bool hasBlock_;
  udc_npu_block velaBlock_;
  std::vector<udc_npu_block> candidates_;  // empty unless the fewest cycles are asked for
};

}  // namespace udc::npu
