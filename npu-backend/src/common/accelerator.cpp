#include "common/accelerator.h"

#include <cstring>

#include "common/status.h"

namespace udc::npu {
namespace {

// In the order of udc_npu_accelerator. The micro-blocks follow from the MACs: each output element
// of a micro-block takes a dot product over 8 input channels per cycle.
constexpr udc_npu_accelerator_info kAccelerators[] = {
    {"ethos-u55-32", 1, 32, {1, 1, 4}, {1, 1, 8}, 16, 8},
    {"ethos-u55-64", 1, 64, {1, 1, 8}, {1, 1, 8}, 16, 8},
    {"ethos-u55-128", 1, 128, {1, 2, 8}, {1, 2, 8}, 24, 8},
    {"ethos-u55-256", 1, 256, {2, 2, 8}, {2, 2, 8}, 48, 8},
    {"ethos-u65-256", 1, 256, {2, 2, 8}, {2, 2, 8}, 48, 16},
    {"ethos-u65-512", 2, 256, {2, 2, 8}, {2, 2, 8}, 48, 16},
};
static_assert(sizeof(kAccelerators) / sizeof(kAccelerators[0]) == UDC_NPU_ACCELERATOR_COUNT);

}  // namespace

const udc_npu_accelerator_info* findAccelerator(udc_npu_accelerator accelerator) noexcept {
  const auto index = static_cast<unsigned>(accelerator);
  return index < UDC_NPU_ACCELERATOR_COUNT ? &kAccelerators[index] : nullptr;
}

}  // namespace udc::npu

using udc::npu::fail;
using udc::npu::findAccelerator;

extern "C" udc_npu_status udc_npu_accelerator_describe(udc_npu_accelerator accelerator,
                                                       udc_npu_accelerator_info* info,
                                                       udc_npu_error* error) {
  if (info == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "info is null");
  }
  const udc_npu_accelerator_info* found = findAccelerator(accelerator);
  if (found == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no accelerator %d (0 to %d)",
                static_cast<int>(accelerator), UDC_NPU_ACCELERATOR_COUNT - 1);
  }
  *info = *found;
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_accelerator_by_name(const char* name,
                                                      udc_npu_accelerator* accelerator,
                                                      udc_npu_error* error) {
  if (name == nullptr || accelerator == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "name or accelerator is null");
  }
  for (int i = 0; i < UDC_NPU_ACCELERATOR_COUNT; ++i) {
    const auto candidate = static_cast<udc_npu_accelerator>(i);
    if (std::strcmp(findAccelerator(candidate)->name, name) == 0) {
      *accelerator = candidate;
      return UDC_NPU_OK;
    }
  }
  return fail(error, UDC_NPU_INVALID_ARGUMENT,
              "unknown accelerator '%.40s'; known: ethos-u55-32, ethos-u55-64, ethos-u55-128, "
              "ethos-u55-256, ethos-u65-256, ethos-u65-512",
              name);
}
