// Damaged streams: any bytes must end in a status, inside the buffers and in bounded time.
#include <gtest/gtest.h>

#include "weight_samples.h"

namespace udc::npu::test {
namespace {

class Mutator {
 public:
  Mutator() {
    for (uint64_t seed = 0; seed < 60; ++seed) {
      WeightSampler sampler(seed);
      const Weights weights = sampler.random(1 + sampler.below(700));
      originals_.push_back(encode(weights, UDC_NPU_EFFORT_BEST));
    }
  }

  Bytes mutated(WeightSampler& sampler) const {
    Bytes stream = originals_[sampler.below(originals_.size())];
    const size_t changes = 1 + sampler.below(4);
    for (size_t i = 0; i < changes && !stream.empty(); ++i) {
      const size_t at = sampler.below(stream.size());
      switch (sampler.below(6)) {
        case 0:
          stream[at] ^= static_cast<uint8_t>(1U << sampler.below(8));
          break;
        case 1:
          stream[at] = static_cast<uint8_t>(sampler.below(256));
          break;
        case 2:
          stream.resize(at);
          break;
        case 3:
          stream.erase(stream.begin() + static_cast<long>(at));
          break;
        case 4: {
          const Bytes& other = originals_[sampler.below(originals_.size())];
          stream.insert(stream.begin() + static_cast<long>(at), other.begin(), other.end());
          break;
        }
        default:
          for (size_t j = at; j < std::min(at + 12, stream.size()); ++j) {
            stream[j] = sampler.chance(0.5) ? 0xff : 0x00;
          }
      }
    }
    return stream;
  }

 private:
  std::vector<Bytes> originals_;
};

TEST(WeightStreamMutation, AHundredThousandDamagedStreamsEndInAStatus) {
  constexpr int kStreams = 120000;
  constexpr uint64_t kLimit = 20000;
  constexpr int16_t kUntouched = 12345;
  const Mutator mutator;
  Weights out(kLimit + 64);
  int refused = 0;
  for (int i = 0; i < kStreams; ++i) {
    WeightSampler sampler(static_cast<uint64_t>(i));
    // An own allocation of the exact size, so that sanitizers see a read past the end.
    const Bytes stream = mutator.mutated(sampler);
    std::fill(out.end() - 64, out.end(), kUntouched);
    uint64_t count = UINT64_MAX;
    udc_npu_error error{};
    const udc_npu_status status =
        udc_npu_decode_weights(stream.data(), stream.size(), out.data(), kLimit, &count, &error);
    ASSERT_LE(count, kLimit) << "seed " << i;
    ASSERT_TRUE(std::all_of(out.end() - 64, out.end(), [](int w) { return w == kUntouched; }))
        << "seed " << i;
    ASSERT_TRUE(std::all_of(out.begin(), out.begin() + static_cast<long>(count),
                            [](int w) { return w >= -255 && w <= 255; }))
        << "seed " << i;
    if (status != UDC_NPU_OK) {
      ++refused;
      ASSERT_TRUE(status == UDC_NPU_CORRUPT_STREAM || status == UDC_NPU_LIMIT_EXCEEDED)
          << "seed " << i;
      ASSERT_LE(error.bit_position, stream.size() * 8) << "seed " << i;
      ASSERT_NE('\0', error.message[0]) << "seed " << i;
    }
  }
  // Many changes only give other weights, but a check that never refuses would be none.
  EXPECT_GT(refused, kStreams / 4);
}

}  // namespace
}  // namespace udc::npu::test
