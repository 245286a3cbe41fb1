// Weight stream to weights. The stream is untrusted.
#pragma once

#include <cstdint>

#include "codec/span.h"
#include "udc/npu/status.h"

namespace udc::npu {

// Decodes a whole stream. With a null `out` the weights are only counted. `limit` bounds their
// number in both cases; `count` gets the number of weights before the end or the error.
udc_npu_status decodeStream(Span<const uint8_t> stream, int16_t* out, uint64_t limit,
                            uint64_t& count, udc_npu_error* error);

}  // namespace udc::npu
