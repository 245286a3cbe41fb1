// Brings rows of a feature map into the form that a kernel reads.
#pragma once

#include <cstdint>

#include "executor/plan.h"

namespace udc {

// Stages rows [first, first + rows) of a picture that is padded as the step says, with u = zeroPoint around
// it; row 0 is the topmost one of the padding.
void stageRows(const Step& step, const uint8_t* input, uint8_t zeroPoint, uint32_t first, uint32_t rows,
               uint8_t* staged);

}  // namespace udc
