// Streams by hand, round trips, and what the functions promise about sizes.
#include <gtest/gtest.h>

#include <cstring>

#include "codec/format.h"
#include "weight_samples.h"

namespace udc::npu::test {
namespace {

constexpr udc_npu_effort kEfforts[] = {UDC_NPU_EFFORT_FAST, UDC_NPU_EFFORT_BEST};

// `start` padded to 16 bytes as a stream has to be.
Bytes padded(Bytes start) {
  start.resize((start.size() + 15) / 16 * 16, 0xff);
  return start;
}

Weights concatenated(Weights first, const Weights& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// The worked examples of weight stream format, section 12: streams that Vela wrote.
TEST(WeightStream, DecodesTheWorkedExamples) {
  EXPECT_EQ(Weights({5}), decode(padded({0x06, 0x00, 0x40, 0x15, 0xa4, 0x00, 0x00})).weights);
  EXPECT_EQ(Weights({1, -1, 0, 2}),
            decode(padded({0x1e, 0x00, 0x5c, 0x30, 0xc2, 0x09, 0x36})).weights);
  EXPECT_EQ(Weights({0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, -7, 0, 0, 0}),
            decode(padded({0x0a, 0x00, 0x5c, 0x17, 0xf4, 0xde, 0x00, 0xc5})).weights);
  EXPECT_EQ(Weights(20, 0),
            decode(padded({0x02, 0x00, 0x40, 0x00, 0x10, 0x00, 0x1e, 0x80})).weights);
}

TEST(WeightStream, ConcatenatedStreamsDecodeToTheirWeightsInOrder) {
  WeightSampler sampler(3);
  const Weights first = sampler.sparse(900, 20, 0.6);
  const Weights second = sampler.dense(333, 30);
  Bytes both = encode(first, UDC_NPU_EFFORT_BEST);
  both.insert(both.end(), 7, uint8_t{0xff});  // any number of padding bytes
  const Bytes tail = encode(second, UDC_NPU_EFFORT_FAST);
  both.insert(both.end(), tail.begin(), tail.end());
  EXPECT_EQ(concatenated(first, second), decode(both).weights);
}

TEST(WeightStream, PaddingAloneIsAnEmptyStream) {
  const Decoded decoded = decode(Bytes(32, 0xff));
  EXPECT_EQ(UDC_NPU_OK, decoded.status);
  EXPECT_TRUE(decoded.weights.empty());
}

TEST(WeightStream, EverySmallCountRoundTrips) {
  WeightSampler sampler(11);
  for (size_t n = 1; n <= 70; ++n) {
    for (int kind = 0; kind < 6; ++kind) {
      const Weights weights = sampler.random(n);
      for (const udc_npu_effort effort : kEfforts) {
        ASSERT_EQ(weights, decode(encode(weights, effort)).weights) << n << " weights";
      }
    }
  }
}

TEST(WeightStream, EveryWeightAloneRoundTrips) {
  for (int weight = -255; weight <= 255; ++weight) {
    const Weights weights = {static_cast<int16_t>(weight)};
    for (const udc_npu_effort effort : kEfforts) {
      ASSERT_EQ(weights, decode(encode(weights, effort)).weights) << weight;
    }
  }
}

TEST(WeightStream, RandomWeightsRoundTripAndSizesAgree) {
  for (uint64_t seed = 1; seed <= 250; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WeightSampler sampler(seed);
    const Weights weights = sampler.random(1 + sampler.below(seed % 10 == 0 ? 90000 : 4000));
    uint64_t fastSize = 0;
    for (const udc_npu_effort effort : kEfforts) {
      const Bytes stream = encode(weights, effort);
      uint64_t size = 0;
      ASSERT_EQ(UDC_NPU_OK,
                udc_npu_encoded_size(weights.data(), weights.size(), effort, &size, nullptr));
      ASSERT_EQ(stream.size(), size);
      ASSERT_EQ(0U, size % 16);
      ASSERT_LE(size, udc_npu_encoded_size_bound(weights.size()));
      ASSERT_EQ(weights, decode(stream).weights);
      if (effort == UDC_NPU_EFFORT_FAST) {
        fastSize = size;
      } else {
        ASSERT_LE(size, fastSize);
      }
    }
  }
}

// The palette saves fewer bits than the slices take for fill, and there is no way back without it.
TEST(WeightStream, TheBoundHoldsWhereAPaletteHardlyPays) {
  constexpr int kSlices = 24;
  constexpr int kSymbols = kMaxSliceSymbols;
  constexpr int kFrequent = 18771;  // weights in a slice whose codes stand in the palette
  Weights weights;
  for (int slice = 0; slice < kSlices; ++slice) {
    for (int i = 0; i < kSymbols; ++i) {
      const int code = i < kFrequent ? 400 + i % kMaxPalette : 477 - i % 476;
      weights.push_back(static_cast<int16_t>(weightOf(code)));
    }
  }
  for (const udc_npu_effort effort : kEfforts) {
    uint64_t size = 0;
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_encoded_size(weights.data(), weights.size(), effort, &size, nullptr));
    EXPECT_LE(size, udc_npu_encoded_size_bound(weights.size()));
  }
}

TEST(WeightStream, Int8SizesEqualThoseOfTheSameWeightsAsInt16) {
  WeightSampler sampler(5);
  for (const double zeros : {0.0, 0.5, 0.95, 1.0}) {
    const Weights wide = sampler.sparse(40000, 30, zeros);
    const std::vector<int8_t> narrow(wide.begin(), wide.end());
    for (const udc_npu_effort effort : kEfforts) {
      uint64_t wideSize = 0;
      uint64_t narrowSize = 0;
      udc_npu_encoded_size(wide.data(), wide.size(), effort, &wideSize, nullptr);
      udc_npu_encoded_size_int8(narrow.data(), narrow.size(), effort, &narrowSize, nullptr);
      EXPECT_EQ(wideSize, narrowSize);
    }
  }
}

TEST(WeightStream, BatchSizesEqualSingleOnes) {
  WeightSampler sampler(6);
  const Weights a = sampler.dense(1000, 10);
  const Weights b = sampler.sparse(5000, 20, 0.8);
  const udc_npu_weights arrays[] = {{a.data(), a.size()}, {b.data(), b.size()}};
  uint64_t sizes[2] = {};
  ASSERT_EQ(UDC_NPU_OK, udc_npu_encoded_sizes(arrays, 2, UDC_NPU_EFFORT_BEST, sizes, nullptr));
  EXPECT_EQ(encode(a, UDC_NPU_EFFORT_BEST).size(), sizes[0]);
  EXPECT_EQ(encode(b, UDC_NPU_EFFORT_BEST).size(), sizes[1]);

  const Weights bad = {0, 0, 256};
  const udc_npu_weights withBad[] = {arrays[0], {bad.data(), bad.size()}};
  udc_npu_error error;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_encoded_sizes(withBad, 2, UDC_NPU_EFFORT_FAST, sizes, &error));
  EXPECT_STREQ("array 1: weight 2 is 256, not in -255..255", error.message);
}

// Zeros cost at least an eighth of a bit: weight stream format, section 7. Vela takes quadratic
// time here; sizes show that nothing is cut short to avoid it.
TEST(WeightStream, LongZeroRunsStaySmall) {
  for (const size_t n : {size_t{40000}, size_t{1} << 20}) {
    Weights weights(n, 0);
    for (size_t i = 0; i < 513; ++i) {
      weights[i] = static_cast<int16_t>(i % 255 + 1);
    }
    const Bytes stream = encode(weights, UDC_NPU_EFFORT_BEST);
    EXPECT_LE(stream.size(), 513 * 9 / 8 + n / 64 + 64);
    EXPECT_EQ(weights, decode(stream).weights);
  }
}

TEST(WeightStream, FindsWhereStatisticsChange) {
  WeightSampler sampler(8);
  const Weights first = sampler.dense(8000, 40);
  const Weights second = sampler.uniform(8000, -1, 1);
  const size_t apart =
      encode(first, UDC_NPU_EFFORT_BEST).size() + encode(second, UDC_NPU_EFFORT_BEST).size();
  EXPECT_LE(encode(concatenated(first, second), UDC_NPU_EFFORT_BEST).size(), apart + 16);
}

// As layers whose channels are no multiple of a block's: zeros behind the weights of every block.
TEST(WeightStream, PaddingThatComesAgainAndAgainCostsLittle) {
  constexpr size_t kWeights = 288;
  constexpr size_t kPadding = 192;
  WeightSampler sampler(17);
  Weights layers;
  size_t apart = 0;
  for (int layer = 0; layer < 5; ++layer) {
    Weights one;
    for (int block = 0; block < 12; ++block) {
      one = concatenated(one, sampler.dense(kWeights, 2.5));
      one.resize(one.size() + kPadding, 0);
    }
    layers = concatenated(layers, one);
    apart += encode(one, UDC_NPU_EFFORT_BEST).size();
  }
  EXPECT_LE(encode(layers, UDC_NPU_EFFORT_BEST).size(), apart);
}

TEST(WeightStream, EntropyOfKnownDistributions) {
  double bits = -1;
  const Weights constant(100, 7);
  ASSERT_EQ(UDC_NPU_OK, udc_npu_weight_entropy(constant.data(), constant.size(), &bits, nullptr));
  EXPECT_EQ(0, bits);
  const Weights four = {1, 2, -3, 255, 1, 2, -3, 255};
  ASSERT_EQ(UDC_NPU_OK, udc_npu_weight_entropy(four.data(), four.size(), &bits, nullptr));
  EXPECT_DOUBLE_EQ(2, bits);
}

TEST(WeightStream, RejectsBadArguments) {
  const Weights weights = {1, 2, 3};
  const Weights tooLow = {0, -256};
  uint8_t out[64];
  uint64_t size = 0;
  udc_npu_error error;
  const auto encodeInto = [&](const int16_t* from, uint64_t count, int effort, uint64_t capacity) {
    return udc_npu_encode_weights(from, count, static_cast<udc_npu_effort>(effort), out, capacity,
                                  &size, &error);
  };
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, encodeInto(nullptr, 3, 0, 64));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, encodeInto(weights.data(), 0, 0, 64));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, encodeInto(weights.data(), 3, 2, 64));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, encodeInto(tooLow.data(), 2, 0, 64));
  EXPECT_STREQ("weight 1 is -256, not in -255..255", error.message);
  EXPECT_EQ(UDC_NPU_BUFFER_TOO_SMALL, encodeInto(weights.data(), 3, 0, 15));
  EXPECT_EQ(16U, size);
  EXPECT_EQ(UDC_NPU_OK, encodeInto(weights.data(), 3, 0, 16));
  EXPECT_EQ(0U, udc_npu_encoded_size_bound(0));
}

TEST(WeightStream, TheLimitIsExact) {
  WeightSampler sampler(9);
  for (const double zeros : {0.0, 0.9}) {
    const Weights weights = sampler.sparse(5000, 20, zeros);
    const Bytes stream = encode(weights, UDC_NPU_EFFORT_FAST);
    EXPECT_EQ(UDC_NPU_OK, decode(stream, weights.size()).status);
    const Decoded refused = decode(stream, weights.size() - 1);
    EXPECT_EQ(UDC_NPU_LIMIT_EXCEEDED, refused.status);
    EXPECT_STREQ("the stream holds more than 4999 weights", refused.error.message);
  }
}

TEST(WeightStream, CorruptStreamsAreNamedWithTheirPosition) {
  const auto expect = [](const Bytes& stream, uint64_t position, const char* reason) {
    const Decoded decoded = decode(stream);
    EXPECT_EQ(UDC_NPU_CORRUPT_STREAM, decoded.status);
    EXPECT_EQ(position, decoded.error.bit_position) << reason;
    EXPECT_STREQ(reason, decoded.error.message);
  };
  expect({}, 0, "the stream ends without an end-of-stream mark");
  expect({0x04, 0, 0, 0, 0}, 0, "ZDIV of a slice is neither 0-3, 6 nor 7");
  expect({0x06, 0, 0x18, 0, 0}, 18, "WDIV of a slice is 6");
  expect({0x06, 0, 0, 0, 0}, 22, "the first slice defines no palette");
  expect({0x06, 0}, 16, "the stream ends inside a slice header");
  expect({0x06, 0x00, 0x40, 0x15, 0xa4, 0x00}, 48, "the stream ends inside a slice");
  // The first worked example without its end mark.
  expect({0xff, 0x06, 0x00, 0x40, 0x15, 0xa4, 0x00, 0x00}, 64,
         "the stream ends without an end-of-stream mark");
}

}  // namespace
}  // namespace udc::npu::test
