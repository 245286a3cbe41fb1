// The CPU implementation; see backend.h.
#ifndef UDC_KERNELS_CPU_CPU_BACKEND_H
#define UDC_KERNELS_CPU_CPU_BACKEND_H

#include "backend.h"

namespace udc::kernels::cpu {

#include "backend_functions.inc"

int32_t thread_count(const Execution& execution);

}  // namespace udc::kernels::cpu

#endif  // UDC_KERNELS_CPU_CPU_BACKEND_H
