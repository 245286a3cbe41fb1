// The container of a .udc file: 8 bytes of header length, a JSON header, and the tensors' bytes without gaps.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace udc {

// A read-only range of bytes that somebody else owns.
struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;
};

// In the order of UTF-16 code units, in which Java sorts texts and digests count them.
struct Utf16Less {
  bool operator()(const std::string& a, const std::string& b) const;
};

struct Safetensors {
  std::map<std::string, std::string, Utf16Less> metadata;
  std::map<std::string, Bytes, Utf16Less> tensors;  // of unsigned bytes; they point into the file

  // Throws unless every byte of the file is accounted for.
  static Safetensors parse(Bytes file);
};

}  // namespace udc
