// Loads the CUDA implementation at run time.
#include <dlfcn.h>

#include <string>

#include "api/checks.h"

namespace udc::kernels {
namespace {

constexpr const char* kLibraryName = "libudc_kernels_cuda.so";

// Gives the backend, or the reason why there is none.
using OpenBackend = const Backend* (*)(const char** reason);

std::string beside_this_code() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&udc_kernels_cuda_open), &info) == 0) return "";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1) + kLibraryName;
}

void* load(const char* path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

void* load_any(const char* path) {
  if (path) return load(path);
  const std::string beside = beside_this_code();
  void* library = beside.empty() ? nullptr : load(beside.c_str());
  return library ? library : load(kLibraryName);
}

Outcome open_cuda(const char* path, udc_kernels_cuda** cuda) {
  void* library = load_any(path);
  if (!library) {
    const char* reason = dlerror();
    return Outcome::fail(UDC_KERNELS_UNSUPPORTED, -1, "no CUDA kernels: %s",
                         reason ? reason : "the library does not load");
  }
  const auto open = reinterpret_cast<OpenBackend>(dlsym(library, "udc_kernels_cuda_backend"));
  const char* reason = "the library is of another version";
  const Backend* backend = open ? open(&reason) : nullptr;
  if (!backend || backend->abi != kBackendAbi) {
    const Outcome outcome =
        Outcome::fail(UDC_KERNELS_UNSUPPORTED, -1, "no CUDA kernels: %s", reason);
    dlclose(library);
    return outcome;
  }
  *cuda = new udc_kernels_cuda{library, backend};
  return Outcome::ok();
}

}  // namespace
}  // namespace udc::kernels

using namespace udc::kernels;

udc_kernels_status udc_kernels_cuda_open(const char* library_path, udc_kernels_cuda** cuda,
                                         udc_kernels_error* error) {
  Outcome outcome = Check().pointer(cuda, "cuda").outcome();
  if (!outcome.failed()) {
    *cuda = nullptr;
    const Outcome guarded = run_guarded([&] {
      outcome = open_cuda(library_path, cuda);
      return Failure{};
    });
    if (guarded.failed()) outcome = guarded;
  }
  return outcome.report(error);
}

void udc_kernels_cuda_close(udc_kernels_cuda* cuda) {
  if (!cuda) return;
  dlclose(cuda->library);
  delete cuda;
}
