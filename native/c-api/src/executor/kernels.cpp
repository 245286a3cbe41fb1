#include "executor/kernels.h"

#include "api/failure.h"

namespace udc {
namespace {

bool supported(int32_t instructions) {
  switch (instructions) {
    case UDC_INSTRUCTIONS_PORTABLE:
      return true;
#ifdef UDC_X86
    case UDC_INSTRUCTIONS_AVX2:
      return __builtin_cpu_supports("avx2");
    case UDC_INSTRUCTIONS_AVX512_VNNI:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#endif
    default:
      return false;
  }
}

const Kernels& kernelsOf(int32_t instructions) {
#ifdef UDC_X86
  if (instructions == UDC_INSTRUCTIONS_AVX512_VNNI) {
    return kAvx512Kernels;
  }
  if (instructions == UDC_INSTRUCTIONS_AVX2) {
    return kAvx2Kernels;
  }
#endif
  static_cast<void>(instructions);
  return kPortableKernels;
}

}  // namespace

const Kernels& kernelsFor(int32_t instructions) {
  if (instructions < UDC_INSTRUCTIONS_BEST || instructions > UDC_INSTRUCTIONS_AVX512_VNNI) {
    fail(UDC_INVALID_ARGUMENT, "instructions: found %d, expected a udc_instructions", instructions);
  }
  if (instructions == UDC_INSTRUCTIONS_BEST) {
    int32_t best = UDC_INSTRUCTIONS_AVX512_VNNI;
    while (!supported(best)) {
      --best;
    }
    return kernelsOf(best);
  }
  if (!supported(instructions)) {
    fail(UDC_UNSUPPORTED, "instructions: this machine does not have those of %d", instructions);
  }
  return kernelsOf(instructions);
}

}  // namespace udc
