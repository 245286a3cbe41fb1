// The chunks of a slice: its symbols and zero runs. Weight stream format, sections 6 to 8.
#pragma once

#include <cstdint>
#include <memory>

#include "codec/decode_cursor.h"
#include "codec/slice_header.h"

namespace udc::npu {

// Reads slices, one at a time, into arrays that it keeps.
class SliceReader {
 public:
  // A symbol and a run take at least one bit each, so that a short stream needs little memory
  // whatever its headers claim.
  explicit SliceReader(uint64_t streamBits);

  // `room` is how many weights the stream may still hold.
  udc_npu_status read(DecodeCursor& cursor, const SliceHeader& header, const Palette& palette,
                      uint64_t room);

  // Of the slice read last: header.symbols symbols, of which some may exceed 511, and header.runs()
  // zero runs.
  const uint16_t* symbols() const { return result_; }
  const uint32_t* runs() const { return runs_.get(); }

 private:
  udc_npu_status readUnpacked(DecodeCursor& cursor, const SliceHeader& header, int width);
  udc_npu_status readChunks(DecodeCursor& cursor, const SliceHeader& header, int width,
                            uint64_t room);
  void weightRemainders(DecodeCursor& cursor, uint32_t from, uint32_t to, int width);
  void runRemainders(DecodeCursor& cursor, uint32_t from, uint32_t to, int width);

  size_t size_;
  std::unique_ptr<uint16_t[]> quotients_;
  std::unique_ptr<uint16_t[]> symbols_;
  std::unique_ptr<uint32_t[]> runs_;
  const uint16_t* result_ = nullptr;  // the symbols, or the quotients where those are the symbols
};

}  // namespace udc::npu
