// Sums of normalized maps: what the CPU alone provides. Arguments have been checked before.
#ifndef UDC_KERNELS_CPU_NORMALIZED_SUM_H
#define UDC_KERNELS_CPU_NORMALIZED_SUM_H

#include "backend.h"

namespace udc::kernels::cpu {

int64_t normalized_sum_workspace(const udc_normalized_sum& sum);
Failure normalized_sum_forward(const udc_normalized_sum& sum, const Execution& execution);
Failure normalized_sum_backward(const udc_normalized_sum& sum, const Execution& execution);

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_NORMALIZED_SUM_H
