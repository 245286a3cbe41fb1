#include "cpu/cpu_backend.h"

#include <omp.h>

#include "cpu/row_kernels.h"

namespace udc::kernels {

const Backend& cpu_backend() {
  static constexpr Backend backend = {kBackendAbi,
                                      cpu::mix_backward_workspace,
                                      cpu::thresholds_workspace,
                                      cpu::quantize_backward_workspace,
                                      cpu::activation_backward_workspace,
                                      cpu::mix_forward,
                                      cpu::mix_backward,
                                      cpu::thresholds,
                                      cpu::make_masks,
                                      cpu::apply_masks,
                                      cpu::quantize_forward,
                                      cpu::quantize_backward,
                                      cpu::activation_forward,
                                      cpu::activation_backward,
                                      cpu::normalize_channels};
  return backend;
}

namespace cpu {

int32_t thread_count(const Execution& execution) {
  return execution.threads > 0 ? execution.threads : omp_get_max_threads();
}

const RowKernels& row_kernels(const Execution& execution) {
#ifdef UDC_KERNELS_HAVE_AVX2
  if (!execution.portable && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return avx2_row_kernels();
  }
#else
  (void)execution;
#endif
  return portable_row_kernels();
}

}  // namespace cpu
}  // namespace udc::kernels
