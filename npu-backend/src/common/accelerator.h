// Hardware table of the accelerators, for use inside the backend.
#pragma once

#include "udc/npu/accelerator.h"

namespace udc::npu {

// The table's row, or nullptr if there is no such accelerator (the value may come from a caller).
const udc_npu_accelerator_info* findAccelerator(udc_npu_accelerator accelerator) noexcept;

}  // namespace udc::npu
