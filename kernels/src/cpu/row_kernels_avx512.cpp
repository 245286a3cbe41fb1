#include "cpu/row_kernels_here.h"

namespace udc::kernels::cpu {

const RowKernels& avx512_row_kernels() { return kRowKernelsHere; }

}  // namespace udc::kernels::cpu
