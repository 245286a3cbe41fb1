// The executor beside plain loops, on every code path that this machine has.
#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "model_builder.h"
#include "reference.h"
#include "udc/udc.h"

namespace udc::test {
namespace {

struct ModelCloser {
  void operator()(udc_model* model) const { udc_model_close(model); }
};
using OpenModel = std::unique_ptr<udc_model, ModelCloser>;

// Null where the machine lacks the instructions.
OpenModel open(const File& file, int32_t instructions) {
  udc_open_options options{};
  options.struct_bytes = sizeof options;
  options.instructions = instructions;
  udc_model* model = nullptr;
  udc_error error{};
  const udc_status status = udc_model_open_memory(file.data(), file.size(), &options, &model, &error);
  EXPECT_TRUE(status == UDC_OK || status == UDC_UNSUPPORTED) << error.message;
  return OpenModel(model);
}

Map answer(const udc_model& model, const Map& pictures, uint32_t height, uint32_t width, size_t outputBytes,
           size_t count) {
  udc_session_options options{};
  options.struct_bytes = sizeof options;
  options.height = height;
  options.width = width;
  size_t bytes = 0;
  udc_error error{};
  EXPECT_EQ(UDC_OK, udc_session_bytes(&model, &options, &bytes, &error)) << error.message;
  // In a block of the stated size and of an odd address, with guards behind it.
  std::vector<uint8_t> block(bytes + 1 + 64, 0xA5);
  udc_session* session = nullptr;
  EXPECT_EQ(UDC_OK, udc_session_create_in(&model, &options, block.data() + 1, bytes, &session, &error))
      << error.message;
  Map output(outputBytes);
  EXPECT_EQ(UDC_OK, udc_session_run(session, pictures.data(), pictures.size(), output.data(), output.size(),
                                    count, &error))
      << error.message;
  udc_session_destroy(session);
  EXPECT_EQ(0xA5, block.front());
  EXPECT_TRUE(std::all_of(block.end() - 64, block.end(), [](uint8_t byte) { return byte == 0xA5; }));
  return output;
}

void compare(const File& bytes, uint32_t height, uint32_t width, uint32_t seed) {
  const UdcFile file = UdcFile::parse({bytes.data(), bytes.size()}, {}, Digests::kChecked);
  const Shape& input = file.architecture.input;
  const uint32_t rows = height == 0 ? input.height : height;
  const uint32_t columns = width == 0 ? input.width : width;
  const ReferenceNetwork reference(file, rows, columns);
  const size_t size = reference.shapes().front().elements();
  std::mt19937 random(seed);
  Map pictures(2 * size);
  for (int8_t& value : pictures) {
    value = static_cast<int8_t>(random());
  }
  Map expected;
  for (size_t i = 0; i < 2; ++i) {
    const Map one = reference.run(Map(pictures.begin() + static_cast<long>(i * size),
                                      pictures.begin() + static_cast<long>((i + 1) * size)));
    expected.insert(expected.end(), one.begin(), one.end());
  }
  for (int32_t instructions = UDC_INSTRUCTIONS_BEST; instructions <= UDC_INSTRUCTIONS_AVX512_VNNI;
       ++instructions) {
    const OpenModel model = open(bytes, instructions);
    if (model != nullptr) {
      EXPECT_EQ(expected, answer(*model, pictures, height, width, expected.size(), 2))
          << "seed " << seed << ", instructions " << instructions;
    }
  }
}

// Bits decide how many products of bytes can be summed in 16 bits, and so which loops run.
TEST(Executor, ClassifiersOfAllWeightBitsGiveTheValuesOfPlainLoops) {
  for (uint32_t seed = 0; seed < 70; ++seed) {
    compare(classifierFile(seed, 2 + static_cast<int>(seed % 7)), 0, 0, seed);
  }
}

TEST(Executor, UpscalersGiveTheValuesOfPlainLoopsAtAnySize) {
  for (uint32_t seed = 0; seed < 7; ++seed) {
    const File file = upscalerFile(seed, 2 + static_cast<int>(seed));
    compare(file, 0, 0, seed);
    compare(file, 1, 1, seed);
    compare(file, 37, 3, seed);
  }
  // So wide that input is staged in strips of a few rows.
  compare(upscalerFile(100, 8), 23, 700, 100);
}

}  // namespace
}  // namespace udc::test
