// The place in an untrusted stream that a decoder has reached, and how it reports what is wrong
// there.
#pragma once

#include <cstdint>

#include "codec/bits.h"
#include "codec/span.h"
#include "common/status.h"

namespace udc::npu {

struct DecodeCursor {
  DecodeCursor(Span<const uint8_t> stream, uint64_t weightLimit, udc_npu_error* sink)
      : bits(stream.data(), stream.size()), end(bits.bitCount()), limit(weightLimit), error(sink) {}

  BitView bits;
  uint64_t end;
  uint64_t position = 0;
  uint64_t limit;  // weights in the whole stream
  udc_npu_error* error;

  // Fields past the end read as 0: whoever takes them compares the position with the end later.
  uint32_t take(int count) {
    const uint64_t value = bits.peek(position) & lowBits(count);
    position += static_cast<uint64_t>(count);
    return static_cast<uint32_t>(value);
  }
  bool isPastEnd() const { return position > end; }

  udc_npu_status corrupt(uint64_t at, const char* reason) const {
    return failAt(error, UDC_NPU_CORRUPT_STREAM, at, "%s", reason);
  }
  udc_npu_status truncated() const { return corrupt(end, "the stream ends inside a slice"); }
  udc_npu_status tooMany(uint64_t at) const {
    return failAt(error, UDC_NPU_LIMIT_EXCEEDED, at, "the stream holds more than %llu weights",
                  static_cast<unsigned long long>(limit));
  }
};

}  // namespace udc::npu
