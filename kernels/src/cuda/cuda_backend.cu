// The entry point that the CPU library looks up in this one.
#include <cuda_runtime.h>

#include "cuda/cuda_backend.h"

namespace udc::kernels::cuda {
namespace {

// Why no device here can run these kernels; NULL if the current one can.
const char* complaint() {
  int device = 0;
  const cudaError_t error = cudaGetDevice(&device);
  if (error != cudaSuccess) return cudaGetErrorString(error);
  int major = 0;
  if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) != cudaSuccess) {
    return "no CUDA device answers";
  }
  return major >= 8 ? nullptr : "the device's compute capability is below 8.0";
}

}  // namespace
}  // namespace udc::kernels::cuda

extern "C" __attribute__((visibility("default"))) const udc::kernels::Backend*
udc_kernels_cuda_backend(const char** reason) {
  using namespace udc::kernels;
  const char* const why = cuda::complaint();
  if (why) {
    *reason = why;
    return nullptr;
  }
  return &cuda::kBackend;
}
