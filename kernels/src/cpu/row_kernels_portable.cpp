#include "cpu/depthwise_rows.h"
#include "cpu/mix_rows.h"
#include "cpu/normalized_rows.h"
#include "cpu/quantize_rows.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {

const RowKernels& portable_row_kernels() {
  static constexpr RowKernels kernels = {
      mix_forward_run,        mix_backward_run,          quantize_forward_run,
      quantize_backward_run,  sum_of_squares_run,        depthwise_forward_row,
      depthwise_backward_row, depthwise_weights_picture, normalized_moments_run,
      normalized_forward_run, normalized_sums_run,       normalized_backward_run};
  return kernels;
}

}  // namespace udc::kernels::cpu
