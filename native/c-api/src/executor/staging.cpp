#include "executor/staging.h"

#include <algorithm>
#include <cstring>

namespace udc {
namespace {

// Values [begin, begin + count) of a padded row that lie in the picture; `count` may be 0.
struct Part {
  size_t begin;
  size_t count;
};

Part inside(const Step& step) {
  const size_t channels = step.in.channels;
  const size_t columns =
      std::min(step.in.width, step.stagedColumns - std::min(step.padLeft, step.stagedColumns));
  return {step.padLeft * channels, columns * channels};
}

void stageBytes(const Part& part, const uint8_t* input, uint8_t zeroPoint, size_t values, uint8_t* staged) {
  std::memset(staged, zeroPoint, part.begin);
  std::memcpy(staged + part.begin, input, part.count);
  std::memset(staged + part.begin + part.count, zeroPoint, values - part.begin - part.count);
}

void stageWords(const Part& part, const uint8_t* input, uint8_t zeroPoint, size_t values, int16_t* staged) {
  std::fill_n(staged, part.begin, int16_t{0});
  for (size_t i = 0; i < part.count; ++i) {
    staged[part.begin + i] = static_cast<int16_t>(input[i] - zeroPoint);
  }
  std::fill_n(staged + part.begin + part.count, values - part.begin - part.count, int16_t{0});
}

// The low half of a pair is the value itself, the high half that of the pixel to its right.
void stagePairs(const Part& part, const uint8_t* input, uint8_t zeroPoint, size_t values, size_t channels,
                uint32_t* staged) {
  const auto word = [zeroPoint](uint8_t value) {
    return static_cast<uint32_t>(static_cast<uint16_t>(value - zeroPoint));
  };
  std::fill_n(staged, values, 0U);
  if (part.count == 0) {
    return;
  }
  for (size_t i = 0; part.begin > 0 && i < channels; ++i) {
    staged[part.begin - channels + i] = word(input[i]) << 16;
  }
  const size_t paired = part.count - channels;
  for (size_t i = 0; i < paired; ++i) {
    staged[part.begin + i] = word(input[i]) | word(input[i + channels]) << 16;
  }
  // The right neighbour of the last pixel is padding, or a column that the kernel meets with a weight of 0.
  for (size_t i = paired; i < part.count; ++i) {
    staged[part.begin + i] = word(input[i]);
  }
}

}  // namespace

void stageRows(const Step& step, const uint8_t* input, uint8_t zeroPoint, uint32_t first, uint32_t rows,
               uint8_t* staged) {
  const Part within = inside(step);
  const size_t values = static_cast<size_t>(step.stagedColumns) * step.in.channels;
  const size_t inputRow = static_cast<size_t>(step.in.width) * step.in.channels;
  for (uint32_t row = 0; row < rows; ++row, staged += values * stagedBytes(step.staging)) {
    const uint32_t padded = first + row;
    const bool outside = padded < step.padTop || padded - step.padTop >= step.in.height;
    const Part part = outside ? Part{values, 0} : within;
    const uint8_t* from = outside ? input : input + (padded - step.padTop) * inputRow;
    switch (step.staging) {
      case Staging::kNone:
        break;
      case Staging::kBytes:
        stageBytes(part, from, zeroPoint, values, staged);
        break;
      case Staging::kWords:
        stageWords(part, from, zeroPoint, values, reinterpret_cast<int16_t*>(staged));
        break;
      case Staging::kPairs:
        stagePairs(part, from, zeroPoint, values, step.in.channels, reinterpret_cast<uint32_t*>(staged));
        break;
    }
  }
}

}  // namespace udc
