#include "cpu/row_kernels_here.h"

namespace udc::kernels::cpu {

const RowKernels& avx2_row_kernels() { return kRowKernelsHere; }

}  // namespace udc::kernels::cpu
