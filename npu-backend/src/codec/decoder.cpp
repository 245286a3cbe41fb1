#include "codec/decoder.h"

#include <algorithm>

#include "codec/decode_cursor.h"
#include "codec/format.h"
#include "codec/slice_header.h"
#include "codec/slice_reader.h"

namespace udc::npu {
namespace {

class StreamDecoder {
 public:
  StreamDecoder(Span<const uint8_t> stream, int16_t* out, uint64_t limit, udc_npu_error* error)
      : cursor_(stream, limit, error), slice_(cursor_.end), out_(out) {}

  // With `stopWhenFull` data after the end of a stream that reaches the limit is left alone.
  udc_npu_status run(bool stopWhenFull);
  uint64_t count() const { return count_; }
  uint64_t position() const { return cursor_.position; }

 private:
  uint64_t room() const { return cursor_.limit - count_; }
  udc_npu_status emit(uint64_t slicePosition);
  template <bool kWrite>
  bool emitSymbols(uint64_t total);

  DecodeCursor cursor_;
  SliceHeader header_;
  SectionState section_;
  SliceReader slice_;
  int16_t* out_;  // null: weights are only counted
  uint64_t count_ = 0;
};

udc_npu_status StreamDecoder::run(bool stopWhenFull) {
  bool needsPalette = true;
  for (;;) {
    const uint64_t slicePosition = cursor_.position;
    if (udc_npu_status status = readSliceHeader(cursor_, needsPalette, header_, section_);
        status != UDC_NPU_OK) {
      return status;
    }
    if (header_.isEndOfStream()) {
      cursor_.position = (cursor_.position + 7) & ~uint64_t{7};
      if (cursor_.position >= cursor_.end || (stopWhenFull && room() == 0)) {
        return UDC_NPU_OK;
      }
      needsPalette = true;
      continue;
    }
    needsPalette = false;
    if (udc_npu_status status = slice_.read(cursor_, header_, section_.palette, room());
        status != UDC_NPU_OK) {
      return status;
    }
    if (udc_npu_status status = emit(slicePosition); status != UDC_NPU_OK) {
      return status;
    }
  }
}

udc_npu_status StreamDecoder::emit(uint64_t slicePosition) {
  const uint32_t* runs = slice_.runs();
  const uint32_t runCount = header_.runs();
  uint64_t total = header_.symbols;
  for (uint32_t i = 0; i < runCount; ++i) {
    total += runs[i];
  }
  if (total > room()) {
    return cursor_.tooMany(slicePosition);
  }
  const bool valid = out_ != nullptr ? emitSymbols<true>(total) : emitSymbols<false>(total);
  if (!valid) {
    return cursor_.corrupt(slicePosition, "a symbol of this slice is no weight in -255..255");
  }
  count_ += total;
  return UDC_NPU_OK;
}

// False if a symbol has no weight.
template <bool kWrite>
bool StreamDecoder::emitSymbols(uint64_t total) {
  const uint16_t* symbols = slice_.symbols();
  const uint32_t n = header_.symbols;
  uint32_t highest = 0;
  bool valid = true;
  const auto weightOfSymbol = [&](uint32_t i) {
    highest |= symbols[i];
    const int16_t weight = section_.weights[symbols[i] & (kCodeCount - 1)];
    valid &= weight != kNoWeight;
    return weight;
  };
  if (!kWrite) {
    for (uint32_t i = 0; i < n; ++i) {
      weightOfSymbol(i);
    }
  } else if (!header_.hasRuns()) {
    int16_t* out = out_ + count_;
    for (uint32_t i = 0; i < n; ++i) {
      out[i] = weightOfSymbol(i);
    }
  } else {
    // Zeros first, all at once: a fill per run costs more than the stores that it saves.
    const uint32_t* runs = slice_.runs();
    int16_t* out = out_ + count_;
    std::fill_n(out, total, int16_t{0});
    if (header_.newPalette) {
      out += *runs++;
    }
    for (uint32_t i = 0; i < n; ++i) {
      *out++ = weightOfSymbol(i);
      out += runs[i];
    }
  }
  return valid && highest < kCodeCount;
}

}  // namespace

udc_npu_status decodeStream(Span<const uint8_t> stream, int16_t* out, uint64_t limit,
                            uint64_t& count, udc_npu_error* error) {
  StreamDecoder decoder(stream, out, limit, error);
  const udc_npu_status status = decoder.run(false);
  count = decoder.count();
  return status;
}

udc_npu_status decodeExactly(Span<const uint8_t> bytes, Span<int16_t> out, uint64_t& consumed,
                             udc_npu_error* error) {
  StreamDecoder decoder(bytes, out.data(), out.size(), error);
  const udc_npu_status status = decoder.run(true);
  consumed = decoder.position() / 8;
  if (status == UDC_NPU_OK && decoder.count() != out.size()) {
    return failAt(error, UDC_NPU_CORRUPT_STREAM, decoder.position(),
                  "the stream holds %llu weights, not %llu",
                  static_cast<unsigned long long>(decoder.count()),
                  static_cast<unsigned long long>(out.size()));
  }
  return status;
}

}  // namespace udc::npu
