// Layers by hand and by property: brick order, parts, records, round trips.
#include "udc/npu/layer.h"

#include <gtest/gtest.h>

#include <cstring>

#include "weight_samples.h"

namespace udc::npu::test {
namespace {

udc_npu_layer layerOf(udc_npu_layer_kind kind, int32_t o, int32_t h, int32_t w, int32_t i,
                      udc_npu_accelerator accelerator = UDC_NPU_ETHOS_U55_128) {
  udc_npu_layer layer{};
  layer.kind = kind;
  layer.accelerator = accelerator;
  layer.out_channels = o;
  layer.kernel_height = h;
  layer.kernel_width = w;
  layer.in_channels = i;
  layer.dilation_y = 1;
  layer.dilation_x = 1;
  layer.ifm_bits = 8;
  layer.ofm_block_depth = 16;
  return layer;
}

uint64_t weightCount(const udc_npu_layer& layer) {
  return static_cast<uint64_t>(layer.out_channels) * static_cast<uint64_t>(layer.kernel_height) *
         static_cast<uint64_t>(layer.kernel_width) * static_cast<uint64_t>(layer.in_channels);
}

udc_npu_traversal traversal(const udc_npu_layer& layer) {
  udc_npu_traversal result{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_layer_traversal(&layer, &result, nullptr));
  return result;
}

TEST(Layer, TraversalFollowsTheWasteOfEachOrder) {
  EXPECT_EQ(UDC_NPU_DEPTHWISE_ORDER, traversal(layerOf(UDC_NPU_LAYER_DEPTHWISE, 32, 3, 3, 1)));
  EXPECT_EQ(UDC_NPU_DEPTH_FIRST, traversal(layerOf(UDC_NPU_LAYER_DENSE, 10, 1, 1, 3)));
  EXPECT_EQ(UDC_NPU_PART_KERNEL_FIRST, traversal(layerOf(UDC_NPU_LAYER_CONV, 8, 1, 1, 8)));
  EXPECT_EQ(UDC_NPU_DEPTH_FIRST, traversal(layerOf(UDC_NPU_LAYER_CONV, 8, 1, 1, 64)));
  // 16 of 32 input channels used against 9 of 12 kernel elements.
  EXPECT_EQ(UDC_NPU_PART_KERNEL_FIRST, traversal(layerOf(UDC_NPU_LAYER_CONV, 8, 3, 3, 16)));
  EXPECT_EQ(UDC_NPU_DEPTH_FIRST, traversal(layerOf(UDC_NPU_LAYER_CONV, 8, 3, 3, 32)));
  // Equal waste goes to part-kernel-first.
  EXPECT_EQ(UDC_NPU_PART_KERNEL_FIRST, traversal(layerOf(UDC_NPU_LAYER_CONV, 8, 2, 2, 32)));
}

TEST(Layer, BrickOrderOfASmallConvolution) {
  // Two output channels, kernel 1 x 2, three input channels: part-kernel order walks the kernel
  // outside of the channels and pads it to four elements.
  udc_npu_brick brick{2, 1, 2, 3, UDC_NPU_PART_KERNEL_FIRST, 16, 4, 8, 8, 8};
  const Weights weights = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  uint64_t count = 0;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_brick_count(&brick, &count, nullptr));
  ASSERT_EQ(4U * 4 * 8, count);
  Weights bricks(count, -1);
  ASSERT_EQ(UDC_NPU_OK, udc_npu_reorder_weights(&brick, weights.data(), weights.size(),
                                                bricks.data(), count, &count, nullptr));
  Weights expected(count, 0);
  const auto place = [&](size_t from, size_t to) {
    for (size_t i = 0; i < 3; ++i) {
      expected.at(to + i) = weights[from + i];
    }
  };
  place(0, 0);   // o 0, x 0
  place(6, 8);   // o 1, x 0
  place(3, 32);  // o 0, x 1
  place(9, 40);  // o 1, x 1
  EXPECT_EQ(expected, bricks);

  bricks[3] = 1;
  Weights restored(weights.size());
  udc_npu_error error;
  EXPECT_EQ(UDC_NPU_CORRUPT_STREAM,
            udc_npu_restore_weights(&brick, bricks.data(), count, restored.data(), restored.size(),
                                    &error));
  EXPECT_STREQ("the padding of the brick order is not zero", error.message);
}

TEST(Layer, RandomBricksRestoreAndKeepTheirCount) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WeightSampler s(seed);
    udc_npu_brick brick{};
    brick.traversal = static_cast<udc_npu_traversal>(s.below(3));
    brick.out_channels = 1 + static_cast<int32_t>(s.below(40));
    brick.kernel_height = 1 + static_cast<int32_t>(s.below(11));
    brick.kernel_width = 1 + static_cast<int32_t>(s.below(11));
    brick.in_channels =
        brick.traversal == UDC_NPU_DEPTHWISE_ORDER ? 1 : 1 + static_cast<int32_t>(s.below(50));
    brick.ofm_block_depth = 8 * (1 + static_cast<int32_t>(s.below(4)));
    brick.ofm_ublock_depth = s.chance(0.5) ? 4 : 8;
    brick.ifm_bits = s.chance(0.5) ? 8 : 16;
    brick.sub_kernel_height = s.chance(0.5) ? 4 : 8;
    brick.sub_kernel_width = s.chance(0.5) ? 4 : 8;
    const Weights weights = s.uniform(static_cast<size_t>(brick.out_channels * brick.kernel_height *
                                                          brick.kernel_width * brick.in_channels),
                                      1, 255);
    uint64_t count = 0;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_brick_count(&brick, &count, nullptr));
    Weights bricks(count + 1, 777);
    ASSERT_EQ(UDC_NPU_OK, udc_npu_reorder_weights(&brick, weights.data(), weights.size(),
                                                  bricks.data(), count, &count, nullptr));
    ASSERT_EQ(777, bricks[count]);
    // No weight here is zero: what is not padding is exactly the weights.
    ASSERT_EQ(weights.size(), count - static_cast<uint64_t>(std::count(
                                          bricks.begin(), bricks.end() - 1, int16_t{0})));
    Weights restored(weights.size());
    ASSERT_EQ(UDC_NPU_OK, udc_npu_restore_weights(&brick, bricks.data(), count, restored.data(),
                                                  restored.size(), nullptr));
    ASSERT_EQ(weights, restored);
  }
}

TEST(Layer, ScalesRoundAwayFromZeroAndClamp) {
  uint32_t scale = 0;
  uint32_t shift = 0;
  const auto quantize = [&](double factor, int32_t reduced = 0) {
    return udc_npu_quantize_scale(factor, reduced, &scale, &shift, nullptr);
  };
  ASSERT_EQ(UDC_NPU_OK, quantize(0.75));
  EXPECT_EQ(3U << 29, scale);
  EXPECT_EQ(31U, shift);
  ASSERT_EQ(UDC_NPU_OK, quantize(0));
  EXPECT_EQ(0U, scale);
  EXPECT_EQ(31U, shift);
  ASSERT_EQ(UDC_NPU_OK, quantize(std::nextafter(1.0, 0.0)));  // rounds up to 2^31
  EXPECT_EQ(1U << 31, scale);
  EXPECT_EQ(31U, shift);
  for (const double unreachable : {std::ldexp(1.0, -40), std::ldexp(1.0, 33)}) {
    ASSERT_EQ(UDC_NPU_OK, quantize(unreachable));
    EXPECT_EQ(0U, scale);
    EXPECT_EQ(16U, shift);
  }
  ASSERT_EQ(UDC_NPU_OK, quantize(0.75, 1));
  EXPECT_EQ(3U << 13, scale);
  EXPECT_EQ(15U, shift);
  ASSERT_EQ(UDC_NPU_OK, quantize(0.99999, 1));
  EXPECT_EQ(32767U, scale);
  EXPECT_EQ(UDC_NPU_UNSUPPORTED, quantize(1 << 20, 1));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, quantize(-1));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, quantize(std::nan("")));
}

TEST(Layer, RecordsPackToTenBytes) {
  const udc_npu_scale_record record = {-2, 0x12345678, 45};
  uint8_t bytes[UDC_NPU_SCALE_RECORD_BYTES];
  ASSERT_EQ(UDC_NPU_OK, udc_npu_pack_scale_record(&record, bytes, nullptr));
  const uint8_t expected[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0x78, 0x56, 0x34, 0x12, 45};
  EXPECT_EQ(0, std::memcmp(expected, bytes, sizeof(bytes)));
  for (const int64_t bias : {int64_t{0}, (int64_t{1} << 39) - 1, -(int64_t{1} << 39)}) {
    const udc_npu_scale_record in = {bias, 1, 63};
    udc_npu_scale_record out{};
    ASSERT_EQ(UDC_NPU_OK, udc_npu_pack_scale_record(&in, bytes, nullptr));
    ASSERT_EQ(UDC_NPU_OK, udc_npu_unpack_scale_record(bytes, &out, nullptr));
    EXPECT_EQ(bias, out.bias);
    EXPECT_EQ(63U, out.shift);
  }
  const udc_npu_scale_record tooLarge = {int64_t{1} << 39, 1, 0};
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_pack_scale_record(&tooLarge, bytes, nullptr));
}

TEST(Layer, RandomLayersRoundTripOnEveryAccelerator) {
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WeightSampler s(seed);
    const auto kind = static_cast<udc_npu_layer_kind>(s.below(3));
    const int32_t kernel = kind == UDC_NPU_LAYER_DENSE ? 1 : 1 + static_cast<int32_t>(s.below(5));
    udc_npu_layer layer =
        layerOf(kind, 1 + static_cast<int32_t>(s.below(70)), kernel, kernel,
                kind == UDC_NPU_LAYER_DEPTHWISE ? 1 : 1 + static_cast<int32_t>(s.below(70)),
                static_cast<udc_npu_accelerator>(s.below(UDC_NPU_ACCELERATOR_COUNT)));
    layer.dilation_y = layer.dilation_x = 1 + static_cast<int32_t>(s.below(2));
    layer.ifm_bits = s.chance(0.5) ? 8 : 16;
    layer.ofm_block_depth = 16 * (1 + static_cast<int32_t>(s.below(3)));
    std::vector<int32_t> slices = {0};
    while (slices.back() < layer.out_channels) {
      slices.push_back(std::min(layer.out_channels,
                                slices.back() + 16 * (1 + static_cast<int32_t>(s.below(3)))));
    }
    layer.depth_slices = slices.data();
    layer.depth_slice_count = static_cast<uint32_t>(slices.size());

    const Weights weights = s.sparse(weightCount(layer), 30, 0.2);
    std::vector<udc_npu_scale_record> records;
    for (int32_t c = 0; c < layer.out_channels; ++c) {
      records.push_back(
          {37 * c - 100, static_cast<uint32_t>(c) << 20, static_cast<uint32_t>(c) % 64});
    }
    uint64_t bound = 0;
    uint32_t rangeBound = 0;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_layer_size_bound(&layer, &bound, &rangeBound, nullptr));
    Bytes tensor(bound);
    std::vector<udc_npu_layer_range> ranges(rangeBound);
    uint32_t rangeCount = 0;
    uint64_t size = 0;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_encode_layer(&layer, weights.data(), weights.size(),
                                               records.data(), records.size(), UDC_NPU_EFFORT_FAST,
                                               tensor.data(), tensor.size(), &size, ranges.data(),
                                               rangeBound, &rangeCount, nullptr));
    ASSERT_EQ(rangeBound, rangeCount);
    uint64_t sized = 0;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_layer_encoded_size(&layer, weights.data(), weights.size(),
                                                     UDC_NPU_EFFORT_FAST, &sized, nullptr, 0,
                                                     nullptr, nullptr));
    ASSERT_EQ(size, sized);
    uint64_t end = 0;
    int32_t channels = 0;
    for (const udc_npu_layer_range& range : ranges) {
      ASSERT_EQ(end, range.offset);
      ASSERT_EQ(0U, range.stream_bytes % 16);
      end += (range.record_bytes + 15) / 16 * 16 + range.stream_bytes;
      channels += range.channels;
    }
    ASSERT_EQ(size, end);
    ASSERT_EQ(layer.out_channels, channels);

    Weights decoded(weights.size(), -1);
    std::vector<udc_npu_scale_record> decodedRecords(records.size());
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_decode_layer(&layer, tensor.data(), size, decoded.data(), decoded.size(),
                                   decodedRecords.data(), decodedRecords.size(), nullptr));
    ASSERT_EQ(weights, decoded);
    for (size_t c = 0; c < records.size(); ++c) {
      ASSERT_EQ(records[c].bias, decodedRecords[c].bias);
      ASSERT_EQ(records[c].scale, decodedRecords[c].scale);
      ASSERT_EQ(records[c].shift, decodedRecords[c].shift);
    }
    // A tensor that is cut off or goes on is not this layer's.
    EXPECT_EQ(UDC_NPU_CORRUPT_STREAM,
              udc_npu_decode_layer(&layer, tensor.data(), size - 16, decoded.data(), decoded.size(),
                                   nullptr, 0, nullptr));
    tensor.resize(size + 16);
    EXPECT_EQ(UDC_NPU_CORRUPT_STREAM,
              udc_npu_decode_layer(&layer, tensor.data(), size + 16, decoded.data(), decoded.size(),
                                   nullptr, 0, nullptr));
  }
}

TEST(Layer, RejectsBadLayers) {
  const auto refused = [](udc_npu_layer layer) {
    uint64_t bytes = 0;
    return udc_npu_layer_size_bound(&layer, &bytes, nullptr, nullptr) == UDC_NPU_INVALID_ARGUMENT;
  };
  const udc_npu_layer good = layerOf(UDC_NPU_LAYER_CONV, 8, 3, 3, 8);
  EXPECT_FALSE(refused(good));
  udc_npu_layer bad = good;
  bad.out_channels = 0;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.dilation_x = 3;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.kind = UDC_NPU_LAYER_DENSE;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.kind = UDC_NPU_LAYER_DEPTHWISE;
  EXPECT_TRUE(refused(bad));
  bad = good;
  bad.ifm_bits = 4;
  EXPECT_TRUE(refused(bad));
  for (const int unknown : {6, 77, -1}) {
    bad = good;
    bad.accelerator = static_cast<udc_npu_accelerator>(unknown);
    EXPECT_TRUE(refused(bad));
    bad = good;
    bad.kind = static_cast<udc_npu_layer_kind>(unknown);
    EXPECT_TRUE(refused(bad));
    udc_npu_brick brick{8, 3, 3, 8, static_cast<udc_npu_traversal>(unknown), 16, 8, 8, 8, 8};
    uint64_t count = 0;
    EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_brick_count(&brick, &count, nullptr));
  }
  const int32_t falling[] = {0, 8, 4, 8};
  bad = good;
  bad.depth_slices = falling;
  bad.depth_slice_count = 4;
  EXPECT_TRUE(refused(bad));
}

}  // namespace
}  // namespace udc::npu::test
