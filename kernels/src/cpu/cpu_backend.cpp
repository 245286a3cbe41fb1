#include "cpu/cpu_backend.h"

#include <omp.h>

#include "cpu/row_kernels.h"

namespace udc::kernels {

const Backend& cpu_backend() { return cpu::kBackend; }

namespace cpu {

int32_t thread_count(const Execution& execution) {
  return execution.threads > 0 ? execution.threads : omp_get_max_threads();
}

const RowKernels& row_kernels(const Execution& execution) {
#ifdef UDC_KERNELS_HAVE_X86
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx512 && execution.portable == 0) return avx512_row_kernels();
  if (avx2 && execution.portable != 1) return avx2_row_kernels();
#else
  (void)execution;
#endif
  return portable_row_kernels();
}

}  // namespace cpu
}  // namespace udc::kernels
