// JSON texts of a model file's header, read strictly: no duplicate keys, nothing behind the value, and bounds
// on depth and number of values, so that a hostile header ends in a Failure and not in a full stack or
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace udc {

class JsonValue {
 public:
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };
  using Field = std::pair<std::string, JsonValue>;

  // Throws UDC_CORRUPT or UDC_LIMIT_EXCEEDED; `place` begins messages.
  static JsonValue parse(std::string_view text, const std::string& place);

  Kind kind() const { return kind_; }

  // Each throws UDC_CORRUPT if the value is of another kind or out of range.
  const std::string& string(const std::string& place) const;
  int64_t integer(int64_t least, int64_t most, const std::string& place) const;
  double number(const std::string& place) const;
  float singleNumber(const std::string& place) const;
  const std::vector<JsonValue>& array(const std::string& place) const;
  const std::vector<Field>& object(const std::string& place) const;

 private:
  friend class JsonParser;

  void expect(Kind kind, const char* name, const std::string& place) const;

  Kind kind_ = Kind::kNull;
  std::string text_;  // of a string, or a number's digits
  std::vector<JsonValue> items_;
  std::vector<Field> fields_;
};

// The fields of an object, each of which must be there, and no others.
class JsonFields {
 public:
  JsonFields(const JsonValue& value, std::string place);

  const JsonValue& at(std::string_view key);
  std::string placeOf(std::string_view key) const;

  // Throws if there are fields that nobody asked for.
  void done() const;

 private:
  const std::vector<JsonValue::Field>& fields_;
  std::string place_;
  size_t asked_ = 0;
};

}  // namespace udc
