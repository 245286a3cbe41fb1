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

// Decodes the stream at the start of `bytes`, which must hold exactly out.size() weights; other
// data may follow. `consumed` gets its bytes without the padding.
udc_npu_status decodeExactly(Span<const uint8_t> bytes, Span<int16_t> out, uint64_t& consumed,
                             udc_npu_error* error);

}  // namespace udc::npu
