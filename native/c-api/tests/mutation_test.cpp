// Damaged files: any bytes must end in a status with a reason, in bounded time and memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "model_builder.h"
#include "udc/udc.h"

namespace udc::test {
namespace {

class Mutator {
 public:
  Mutator() {
    for (uint32_t seed = 0; seed < 12; ++seed) {
      originals_.push_back(seed % 3 == 0 ? upscalerFile(seed, 4)
                                         : classifierFile(seed, 2 + static_cast<int>(seed % 7)));
    }
  }

  File mutated(std::mt19937& random) const {
    File file = originals_[random() % originals_.size()];
    const size_t header = 8 + static_cast<size_t>(file[0]) + 256U * file[1];
    for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
      // Half of the damage goes to the header, which is the smaller part.
      const size_t within = random() % 2 == 0 ? std::min(header, file.size()) : file.size();
      change(file, random() % std::max<size_t>(within, 1), random);
    }
    return file;
  }

 private:
  static void change(File& file, size_t at, std::mt19937& random) {
    if (at >= file.size()) {
      return;
    }
    const auto place = file.begin() + static_cast<long>(at);
    switch (random() % 7) {
      case 0:
        file[at] ^= static_cast<uint8_t>(1U << random() % 8);
        break;
      case 1:
        file[at] = static_cast<uint8_t>(random());
        break;
      case 2:
        file.resize(at);
        break;
      case 3:
        file.erase(place);
        break;
      case 4:
        file.insert(place, static_cast<uint8_t>("0123456789\"{}[],:-e\\"[random() % 20]));
        break;
      case 5: {
        // Another digit: sizes, shapes and counts that do not fit each other any more.
        const auto digit = std::find_if(place, file.end(), [](uint8_t c) { return c >= '0' && c <= '9'; });
        if (digit != file.end()) {
          *digit = static_cast<uint8_t>('0' + random() % 10);
        }
        break;
      }
      default:
        for (size_t i = at; i < std::min(at + 9, file.size()); ++i) {
          file[i] = random() % 2 == 0 ? 0xFF : 0;
        }
    }
  }

  std::vector<File> originals_;
};

TEST(ModelMutation, ThirtyThousandDamagedFilesEndInAStatus) {
  constexpr uint32_t kFiles = 30000;
  const Mutator mutator;
  udc_open_options options{};
  options.struct_bytes = sizeof options;
  options.max_weights = 1 << 20;
  options.max_feature_bytes = 1 << 20;
  uint32_t refused = 0;
  uint32_t opened = 0;
  for (uint32_t seed = 0; seed < kFiles; ++seed) {
    std::mt19937 random(seed);
    File file = mutator.mutated(random);
    if (seed % 4 != 0) {
      file = withRightDigests(file);
    }
    file.reserve(1);  // an empty file is no null pointer
    udc_model* model = nullptr;
    udc_error error{};
    const udc_status status = udc_model_open_memory(file.data(), file.size(), &options, &model, &error);
    if (status == UDC_OK) {
      ++opened;
      udc_model_info info{};
      ASSERT_EQ(UDC_OK, udc_model_describe(model, &info, &error)) << "seed " << seed;
      size_t bytes = 0;
      ASSERT_EQ(UDC_OK, udc_session_bytes(model, nullptr, &bytes, &error))
          << "seed " << seed << error.message;
      udc_model_close(model);
    } else {
      ++refused;
      ASSERT_TRUE(status == UDC_CORRUPT || status == UDC_LIMIT_EXCEEDED || status == UDC_UNSUPPORTED)
          << "seed " << seed << ": " << status << ' ' << error.message;
      ASSERT_NE('\0', error.message[0]) << "seed " << seed;
      ASSERT_EQ(nullptr, std::strchr(error.message, '\n')) << "seed " << seed;
    }
  }
  // Changes of weights or names give other networks, but a check that never refuses would be none.
  EXPECT_GT(refused, kFiles / 2);
  EXPECT_GT(opened, kFiles / 100);
}

}  // namespace
}  // namespace udc::test
