// Reading and writing bit fields, least significant bit first, in 64-bit words.
#pragma once

#include <cstdint>
#include <cstring>

namespace udc::npu {

inline constexpr int kPeekBits = 57;  // what one unaligned 64-bit load gives for any bit position

constexpr uint64_t lowBits(int count) { return (uint64_t{1} << count) - 1; }  // count < 64

// Eight bytes as the stream orders them. Compilers make one load of this on little-endian machines.
inline uint64_t loadLittleEndian(const uint8_t* bytes) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) {
    word |= uint64_t{bytes[i]} << (8 * i);
  }
  return word;
#else
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
#endif
}

inline void storeLittleEndian(uint8_t* bytes, uint64_t word) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(word >> (8 * i));
  }
#else
  std::memcpy(bytes, &word, sizeof(word));
#endif
}

// Random access to the bits of a buffer. Bits past its end read as 0: a reader checks its position
// once per step instead of every field.
class BitView {
 public:
  BitView(const uint8_t* data, uint64_t size) : data_(data), size_(size) {}

  uint64_t bitCount() const { return size_ * 8; }

  // At least kPeekBits bits from `position` on.
  uint64_t peek(uint64_t position) const {
    const uint64_t byte = position >> 3;
    if (__builtin_expect(byte + 8 <= size_, 1)) {
      return loadLittleEndian(data_ + byte) >> (position & 7);
    }
    return peekTail(byte) >> (position & 7);
  }

 private:
  uint64_t peekTail(uint64_t byte) const {
    uint64_t word = 0;
    for (int i = 0; byte < size_ && i < 8; ++byte, ++i) {
      word |= uint64_t{data_[byte]} << (8 * i);
    }
    return word;
  }

  const uint8_t* data_;
  uint64_t size_;
};

// Appends fields to a buffer that the caller made large enough. Never writes past the bytes that
// its bits need.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* out) : out_(out) {}

  // Appends the low `count` bits (0..56) of `value`; the higher bits of `value` must be 0.
  void put(uint64_t value, int count) {
    word_ |= value << used_;
    used_ += count;
    if (used_ >= 64) {
      storeLittleEndian(out_, word_);
      out_ += 8;
      used_ -= 64;
      // used_ < count here, and a field that ended exactly at the border leaves nothing over.
      word_ = used_ == 0 ? 0 : value >> (count - used_);
    }
    written_ += static_cast<uint64_t>(count);
  }

  uint64_t bitCount() const { return written_; }

  // Writes out what is still held back; the last byte's free bits are 0.
  void flush() {
    for (; used_ > 0; used_ -= 8, word_ >>= 8) {
      *out_++ = static_cast<uint8_t>(word_);
    }
    used_ = 0;
  }

 private:
  uint8_t* out_;
  uint64_t word_ = 0;
  int used_ = 0;
  uint64_t written_ = 0;
};

}  // namespace udc::npu
