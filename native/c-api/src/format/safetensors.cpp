#include "format/safetensors.h"

#include <algorithm>
#include <cinttypes>
#include <vector>

#include "api/failure.h"
#include "format/json.h"

namespace udc {
namespace {

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 16 << 20;
constexpr std::string_view kMetadata = "__metadata__";

uint64_t headerLength(Bytes file) {
  if (file.size < kLengthBytes) {
    fail(UDC_CORRUPT, "header length: found %zu bytes, expected at least 8", file.size);
  }
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | file.data[i];
  }
  const uint64_t most = std::min<uint64_t>(kMaxHeaderBytes, file.size - kLengthBytes);
  if (length < 2 || length > most) {
    fail(UDC_CORRUPT, "header length: found %" PRIu64 ", expected 2 to %" PRIu64, length, most);
  }
  return length;
}

// A tensor's bytes, as an offset into the payload until that is known.
struct Range {
  uint64_t begin;
  uint64_t end;
};

Range readRange(const JsonValue& value, const std::string& place) {
  JsonFields fields(value, place);
  const std::string& type = fields.at("dtype").string(fields.placeOf("dtype"));
  const auto& shape = fields.at("shape").array(fields.placeOf("shape"));
  const auto& offsets = fields.at("data_offsets").array(fields.placeOf("data_offsets"));
  fields.done();
  if (type != "U8" || shape.size() != 1 || offsets.size() != 2) {
    fail(UDC_CORRUPT, "%s: expected a U8 tensor of one dimension", place.c_str());
  }
  const int64_t count = shape[0].integer(0, INT64_MAX, place + ".shape");
  const int64_t begin = offsets[0].integer(0, INT64_MAX, place + ".data_offsets");
  const int64_t end = offsets[1].integer(begin, INT64_MAX, place + ".data_offsets");
  if (end - begin != count) {
    fail(UDC_CORRUPT, "%s: found %" PRId64 " bytes, expected %" PRId64, place.c_str(), end - begin, count);
  }
  return {static_cast<uint64_t>(begin), static_cast<uint64_t>(end)};
}

// The tensors must tile the payload.
void checkLayout(std::vector<Range> ranges, uint64_t payloadBytes) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  uint64_t expected = 0;
  for (const Range& range : ranges) {
    if (range.begin != expected) {
      fail(UDC_CORRUPT, "data_offsets: found a tensor at %" PRIu64 ", expected one at %" PRIu64, range.begin,
           expected);
    }
    expected = range.end;
  }
  if (expected != payloadBytes) {
    fail(UDC_CORRUPT, "payload: found %" PRIu64 " bytes, expected %" PRIu64, payloadBytes, expected);
  }
}

}  // namespace

// UTF-8 sorts as code points do, UTF-16 has the surrogates of those from U+10000 before U+E000.
bool Utf16Less::operator()(const std::string& a, const std::string& b) const {
  const auto [first, second] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (first == a.end() || second == b.end()) {
    return first == a.end() && second != b.end();
  }
  const auto rank = [](char c) {
    const int byte = static_cast<uint8_t>(c);
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte >= 0xF0 ? byte - 2 : byte;
  };
  return rank(*first) < rank(*second);
}

Safetensors Safetensors::parse(Bytes file) {
  const uint64_t length = headerLength(file);
  const char* text = reinterpret_cast<const char*>(file.data) + kLengthBytes;
  const JsonValue header = JsonValue::parse(std::string_view(text, length), "header");
  const uint8_t* payload = file.data + kLengthBytes + length;
  const uint64_t payloadBytes = file.size - kLengthBytes - length;

  Safetensors content;
  std::vector<Range> ranges;
  for (const auto& [name, value] : header.object("header")) {
    if (name == kMetadata) {
      for (const auto& [key, entry] : value.object(name)) {
        content.metadata.emplace(key, entry.string(name + "." + key));
      }
      continue;
    }
    const Range range = readRange(value, "tensor '" + name + "'");
    if (range.end > payloadBytes) {
      fail(UDC_CORRUPT, "tensor '%.80s': data_offsets: found %" PRIu64 ", expected at most %" PRIu64,
           name.c_str(), range.end, payloadBytes);
    }
    ranges.push_back(range);
    content.tensors.emplace(name, Bytes{payload + range.begin, range.end - range.begin});
  }
  checkLayout(std::move(ranges), payloadBytes);
  return content;
}

}  // namespace udc
