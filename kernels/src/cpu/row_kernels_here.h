// The inner loops as the including file's compiler flags make them. One instruction set, one file.
#ifndef UDC_KERNELS_CPU_ROW_KERNELS_HERE_H
#define UDC_KERNELS_CPU_ROW_KERNELS_HERE_H

#include "cpu/depthwise_rows.h"
#include "cpu/mix_rows.h"
#include "cpu/normalized_rows.h"
#include "cpu/quantize_rows.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

constexpr RowKernels kRowKernelsHere = {
    mix_forward_run,        mix_backward_run,          quantize_forward_run,
    quantize_backward_run,  sum_of_squares_run,        depthwise_forward_row,
    depthwise_backward_row, depthwise_weights_picture, normalized_moments_run,
    normalized_forward_run, normalized_sums_run,       normalized_backward_run};

}  // namespace
}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_ROW_KERNELS_HERE_H
