// The CUDA implementation; see backend.h.
#ifndef UDC_KERNELS_CUDA_CUDA_BACKEND_H
#define UDC_KERNELS_CUDA_CUDA_BACKEND_H

#include "backend.h"

namespace udc::kernels::cuda {

#include "backend_functions.inc"

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_CUDA_BACKEND_H
