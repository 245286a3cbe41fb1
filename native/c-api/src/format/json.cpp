#include "format/json.h"

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cmath>

#include "api/failure.h"

namespace udc {
namespace {

constexpr int kMaxDepth = 32;
constexpr size_t kMaxValues = 1U << 18;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

void appendUtf8(std::string& text, uint32_t code) {
  const auto byte = [&text](uint32_t value) { text.push_back(static_cast<char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none.
size_t utf8Length(std::string_view text) {
  const auto at = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = at(0);
  const size_t length = lead < 0x80   ? 1
                        : lead < 0xC2 ? 0
                        : lead < 0xE0 ? 2
                        : lead < 0xF0 ? 3
                        : lead < 0xF5 ? 4
                                      : 0;
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0) != 0x80) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xE0 && at(1) < 0xA0) || (lead == 0xF0 && at(1) < 0x90);
  const bool surrogate = lead == 0xED && at(1) >= 0xA0;
  const bool beyond = lead == 0xF4 && at(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

// A recursive descent over the text.
class JsonParser {
 public:
  JsonParser(std::string_view text, const std::string& place) : text_(text), place_(place) {}

  JsonValue whole() {
    JsonValue value = parseValue(0);
    skipSpace();
    if (at_ != text_.size()) {
      refuse("the end of the text");
    }
    return value;
  }

 private:
  [[noreturn]] void refuse(const char* expected) const {
    fail(UDC_CORRUPT, "%s: not valid JSON at byte %zu: expected %s", place_.c_str(), at_, expected);
  }

  void skipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  bool take(char c) {
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) == word) {
      at_ += word.size();
      return true;
    }
    return false;
  }

  JsonValue parseValue(int depth) {
    if (depth > kMaxDepth || ++values_ > kMaxValues) {
      fail(UDC_LIMIT_EXCEEDED, "%s: expected at most %zu values, nested at most %d deep", place_.c_str(),
           kMaxValues, kMaxDepth);
    }
    skipSpace();
    JsonValue value;
    if (take('{')) {
      value.kind_ = JsonValue::Kind::kObject;
      value.fields_ = parseFields(depth);
    } else if (take('[')) {
      value.kind_ = JsonValue::Kind::kArray;
      value.items_ = parseItems(depth);
    } else if (take('"')) {
      value.kind_ = JsonValue::Kind::kString;
      value.text_ = parseString();
    } else if (take("true") || take("false")) {
      value.kind_ = JsonValue::Kind::kBoolean;
    } else if (!take("null")) {
      value.kind_ = JsonValue::Kind::kNumber;
      value.text_ = parseNumber();
    }
    return value;
  }

  std::vector<JsonValue> parseItems(int depth) {
    std::vector<JsonValue> items;
    skipSpace();
    if (take(']')) {
      return items;
    }
    do {
      items.push_back(parseValue(depth + 1));
      skipSpace();
    } while (take(','));
    if (!take(']')) {
      refuse("',' or ']'");
    }
    return items;
  }

  std::vector<JsonValue::Field> parseFields(int depth) {
    std::vector<JsonValue::Field> fields;
    skipSpace();
    if (take('}')) {
      return fields;
    }
    do {
      skipSpace();
      if (!take('"')) {
        refuse("a key");
      }
      std::string key = parseString();
      skipSpace();
      if (!take(':')) {
        refuse("':'");
      }
      fields.emplace_back(std::move(key), parseValue(depth + 1));
      skipSpace();
    } while (take(','));
    if (!take('}')) {
      refuse("',' or '}'");
    }
    refuseDuplicates(fields);
    return fields;
  }

  void refuseDuplicates(const std::vector<JsonValue::Field>& fields) const {
    std::vector<std::string_view> keys;
    keys.reserve(fields.size());
    for (const JsonValue::Field& field : fields) {
      keys.push_back(field.first);
    }
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      fail(UDC_CORRUPT, "%s: the key '%.60s' is there twice", place_.c_str(), std::string(*twice).c_str());
    }
  }

  // Behind the opening quote.
  std::string parseString() {
    std::string text;
    while (true) {
      if (at_ >= text_.size() || static_cast<uint8_t>(text_[at_]) < 0x20) {
        refuse("a character or '\"'");
      }
      if (take('"')) {
        return text;
      }
      if (take('\\')) {
        parseEscape(text);
        continue;
      }
      const size_t length = utf8Length(text_.substr(at_));
      if (length == 0) {
        refuse("UTF-8");
      }
      text.append(text_.substr(at_, length));
      at_ += length;
    }
  }

  void parseEscape(std::string& text) {
    static constexpr std::string_view kEscapes = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    const size_t known = kEscapes.find(c);
    if (c != '\0' && known != std::string_view::npos) {
      text.push_back(kMeanings[known]);
      return;
    }
    if (c != 'u') {
      refuse("an escape");
    }
    uint32_t code = parseHex();
    if (code >= 0xD800 && code < 0xDC00) {
      const uint32_t low = take("\\u") ? parseHex() : 0;
      if (low < 0xDC00 || low > 0xDFFF) {
        refuse("the second half of a surrogate pair");
      }
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code < 0xE000) {
      refuse("the first half of a surrogate pair");
    }
    appendUtf8(text, code);
  }

  uint32_t parseHex() {
    uint32_t code = 0;
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 4 || parsed.ptr != digits.data() + 4) {
      refuse("four hexadecimal digits");
    }
    at_ += 4;
    return code;
  }

  std::string parseNumber() {
    const size_t begin = at_;
    take('-');
    if (!take('0') && !takeDigits()) {
      refuse("a value");
    }
    if (take('.') && !takeDigits()) {
      refuse("a digit");
    }
    if (take('e') || take('E')) {
      take('+') || take('-');
      if (!takeDigits()) {
        refuse("a digit");
      }
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  bool takeDigits() {
    const size_t begin = at_;
    while (at_ < text_.size() && isDigit(text_[at_])) {
      ++at_;
    }
    return at_ > begin;
  }

  std::string_view text_;
  const std::string& place_;
  size_t at_ = 0;
  size_t values_ = 0;
};

JsonValue JsonValue::parse(std::string_view text, const std::string& place) {
  return JsonParser(text, place).whole();
}

void JsonValue::expect(Kind kind, const char* name, const std::string& place) const {
  if (kind_ != kind) {
    fail(UDC_CORRUPT, "%s: expected %s", place.c_str(), name);
  }
}

const std::string& JsonValue::string(const std::string& place) const {
  expect(Kind::kString, "a text", place);
  return text_;
}

int64_t JsonValue::integer(int64_t least, int64_t most, const std::string& place) const {
  expect(Kind::kNumber, "a whole number", place);
  int64_t value = 0;
  const char* end = text_.data() + text_.size();
  const auto parsed = std::from_chars(text_.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < least || value > most) {
    fail(UDC_CORRUPT, "%s: found %.30s, expected a whole number from %" PRId64 " to %" PRId64, place.c_str(),
         text_.c_str(), least, most);
  }
  return value;
}

double JsonValue::number(const std::string& place) const {
  expect(Kind::kNumber, "a number", place);
  double value = 0;
  if (std::from_chars(text_.data(), text_.data() + text_.size(), value).ec != std::errc()) {
    fail(UDC_CORRUPT, "%s: found %.30s, expected a number in the range of double", place.c_str(),
         text_.c_str());
  }
  return value;
}

float JsonValue::singleNumber(const std::string& place) const {
  expect(Kind::kNumber, "a number", place);
  float value = 0;
  if (std::from_chars(text_.data(), text_.data() + text_.size(), value).ec != std::errc()) {
    fail(UDC_CORRUPT, "%s: found %.30s, expected a number in the range of float", place.c_str(),
         text_.c_str());
  }
  return value;
}

const std::vector<JsonValue>& JsonValue::array(const std::string& place) const {
  expect(Kind::kArray, "a list", place);
  return items_;
}

const std::vector<JsonValue::Field>& JsonValue::object(const std::string& place) const {
  expect(Kind::kObject, "an object", place);
  return fields_;
}

JsonFields::JsonFields(const JsonValue& value, std::string place)
    : fields_(value.object(place)), place_(std::move(place)) {}

const JsonValue& JsonFields::at(std::string_view key) {
  for (const JsonValue::Field& field : fields_) {
    if (field.first == key) {
      ++asked_;
      return field.second;
    }
  }
  fail(UDC_CORRUPT, "%s: missing", placeOf(key).c_str());
}

std::string JsonFields::placeOf(std::string_view key) const { return place_ + "." + std::string(key); }

void JsonFields::done() const {
  if (asked_ != fields_.size()) {
    fail(UDC_CORRUPT, "%s: found %zu fields, expected %zu", place_.c_str(), fields_.size(), asked_);
  }
}

}  // namespace udc
