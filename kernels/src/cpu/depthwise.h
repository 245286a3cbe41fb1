// Depthwise convolution: what the CPU alone provides. Arguments have been checked before.
#ifndef UDC_KERNELS_CPU_DEPTHWISE_H
#define UDC_KERNELS_CPU_DEPTHWISE_H

#include "backend.h"

namespace udc::kernels::cpu {

int64_t depthwise_workspace(const udc_depthwise& layer);
Failure depthwise_forward(const udc_depthwise& layer, const Execution& execution);
Failure depthwise_backward(const udc_depthwise& layer, const Execution& execution);

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_DEPTHWISE_H
