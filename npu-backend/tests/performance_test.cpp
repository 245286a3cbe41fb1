// The latency model on operators small enough to be derived by hand, on figures of an independent
// implementation of the same rules, and on properties that must hold for all operators.
#include "udc/npu/performance.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

udc_npu_performance_config defaults(udc_npu_accelerator accelerator) {
  udc_npu_performance_config config{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_performance_defaults(accelerator, &config, nullptr));
  return config;
}

udc_npu_op makeOp(int32_t kind, udc_npu_shape3 ifm, int32_t outChannels, int32_t kernel = 1,
                  int32_t stride = 1, int32_t padding = UDC_NPU_PADDING_SAME) {
  udc_npu_op op;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_init(kind, &op, nullptr));
  op.ifm = ifm;
  if (kind >= UDC_NPU_OP_ADD && kind <= UDC_NPU_OP_SHIFT_LEFT) {
    op.ifm2 = ifm;
  }
  op.kernel_height = op.kernel_width = kernel;
  op.stride_y = op.stride_x = stride;
  op.padding = padding;
  udc_npu_error error{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_infer_output(&op, outChannels, &error)) << error.message;
  return op;
}

udc_npu_weight_sizes bytes(uint64_t full) {
  udc_npu_weight_sizes sizes{};
  sizes.full_bytes = full;
  return sizes;
}

udc_npu_layer_estimate estimate(const udc_npu_performance_config& config, const udc_npu_op& op,
                                uint64_t full) {
  const udc_npu_weight_sizes sizes = bytes(full);
  udc_npu_layer_estimate result{};
  udc_npu_error error{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, &sizes, &result, &error))
      << error.message;
  return result;
}

TEST(Performance, NamesLeadBackToTheirValues) {
  for (int32_t i = 0; i < UDC_NPU_SYSTEM_CONFIG_COUNT; ++i) {
    int32_t found = -1;
    EXPECT_EQ(UDC_NPU_OK,
              udc_npu_system_config_by_name(udc_npu_system_config_name(i), &found, nullptr));
    EXPECT_EQ(i, found);
    EXPECT_GT(udc_npu_system_config_clock(i), 0);
  }
  for (int32_t i = 0; i < UDC_NPU_MEMORY_MODE_COUNT; ++i) {
    int32_t found = -1;
    EXPECT_EQ(UDC_NPU_OK,
              udc_npu_memory_mode_by_name(udc_npu_memory_mode_name(i), &found, nullptr));
    EXPECT_EQ(i, found);
  }
  EXPECT_EQ(nullptr, udc_npu_system_config_name(-1));
  EXPECT_EQ(nullptr, udc_npu_memory_mode_name(UDC_NPU_MEMORY_MODE_COUNT));
  EXPECT_EQ(0, udc_npu_system_config_clock(99));
  int32_t value = 0;
  udc_npu_error error{};
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_memory_mode_by_name("Sram", &value, &error));
  EXPECT_NE(nullptr, std::strstr(error.message, "Shared_Sram"));
}

// 16 to 4 channels on U55-128, by hand:
//   dot products: one step of max(32, 4) cycles, delay 2, hence 34;
//   output: max(ceil(0.5 * 4), 10 * 4 * 64 / 256) = 10, scales being read from flash;
//   fetch 32 + 16 * 2 / 8, write 32 + 4 * 4 / 8: 70; command (70 + 10 + 34) / 4 = 28.5;
//   so 34 + 28.5, truncated. Flash: every encoded byte once, at one byte per cycle.
TEST(Performance, SmallFullyConnectedByHand) {
  const udc_npu_layer_estimate result = estimate(
      defaults(UDC_NPU_ETHOS_U55_128), makeOp(UDC_NPU_OP_FULLY_CONNECTED, {1, 1, 16}, 4), 112);
  EXPECT_EQ(62, result.cycles.npu);
  EXPECT_DOUBLE_EQ(112, result.cycles.offchip_flash);
  EXPECT_DOUBLE_EQ(112, result.cycles.total);
  EXPECT_EQ(UDC_NPU_RESOURCE_OFFCHIP_FLASH, result.ruling_resource);
  EXPECT_EQ(UDC_NPU_BUFFERING_NONE, result.buffering);
  EXPECT_EQ(64u, result.macs);
  EXPECT_EQ(64u, result.original_weights);
  EXPECT_DOUBLE_EQ(64.0 / (112 * 128), result.utilisation);
}

struct Expected {
  udc_npu_performance_config config;
  udc_npu_op op;
  uint64_t bytes;
  udc_npu_shape3 block;
  std::vector<int32_t> slices;
  double npu, sram, dram, onchip, total, slack;
};

// Figures of an independent program that agrees with Vela on all reference vectors; these cases
// are not among the vectors.
std::vector<Expected> independentFigures() {
  udc_npu_op wide = makeOp(UDC_NPU_OP_CONV, {16, 16, 32}, 32, 3);
  wide.ifm_bits = wide.ofm_bits = 16;
  wide.ifm_format = wide.ofm_format = UDC_NPU_NHCWB16;
  udc_npu_op wideDepthwise = makeOp(UDC_NPU_OP_DEPTHWISE, {8, 8, 24}, 0, 3);
  wideDepthwise.ifm_bits = wideDepthwise.ofm_bits = 16;
  wideDepthwise.ifm_format = UDC_NPU_NHCWB16;
  udc_npu_op tanh = makeOp(UDC_NPU_OP_CONV, {7, 7, 96}, 200);
  tanh.activation = UDC_NPU_ACTIVATION_TABLE;
  udc_npu_op relu = makeOp(UDC_NPU_OP_CONV, {20, 20, 8}, 24, 5, 2);
  relu.activation = UDC_NPU_ACTIVATION_RELU;
  return {
      {{UDC_NPU_ETHOS_U55_128, UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED, UDC_NPU_SHARED_SRAM, 0},
       wide,
       9600,
       {9, 8, 16},
       {0, 16, 32},
       47955,
       9088,
       0,
       0,
       47955,
       22355},
      {{UDC_NPU_ETHOS_U55_32, UDC_NPU_ETHOS_U55_DEEP_EMBEDDED, UDC_NPU_SHARED_SRAM, 0},
       wideDepthwise,
       480,
       {6, 8, 16},
       {0, 16, 24},
       21440,
       1408,
       0,
       0,
       21440,
       5760},
      {{UDC_NPU_ETHOS_U65_512, UDC_NPU_ETHOS_U65_MID_END, UDC_NPU_DEDICATED_SRAM, 0},
       tanh,
       14992,
       {8, 8, 64},
       {0, 16, 144, 200},
       8330,
       0,
       15261.866666666667,
       0,
       15261.866666666667,
       2645},
      {{UDC_NPU_ETHOS_U55_256, UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED, UDC_NPU_SRAM_ONLY, 0},
       relu,
       3200,
       {10, 10, 16},
       {0, 24},
       3766,
       3800,
       0,
       523.3333333333334,
       3800,
       3766},
      {{UDC_NPU_ETHOS_U55_64, UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED, UDC_NPU_SHARED_SRAM, 0},
       makeOp(UDC_NPU_OP_MUL, {10, 10, 20}, 0),
       0,
       {9, 10, 24},
       {0, 20},
       3000,
       1166.6666666666665,
       0,
       0,
       3000,
       3000},
      {{UDC_NPU_ETHOS_U65_256, UDC_NPU_ETHOS_U65_EMBEDDED, UDC_NPU_SHARED_SRAM, 0},
       makeOp(UDC_NPU_OP_MAX_POOL, {13, 13, 40}, 0, 3, 2, UDC_NPU_PADDING_VALID),
       0,
       {6, 6, 32},
       {0, 40},
       901,
       602.5,
       0,
       0,
       901,
       901},
      {{UDC_NPU_ETHOS_U55_256, UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED, UDC_NPU_SHARED_SRAM, 0},
       makeOp(UDC_NPU_OP_CONV, {9, 9, 48}, 64, 9, 1, UDC_NPU_PADDING_VALID),
       60000,
       {2, 2, 64},
       {0, 16, 64},
       91949,
       3904,
       0,
       0,
       91949,
       31885},
  };
}

TEST(Performance, AgreesWithAnIndependentImplementation) {
  for (const Expected& expected : independentFigures()) {
    SCOPED_TRACE(udc_npu_op_kind_name(expected.op.kind) + std::to_string(expected.op.ifm.depth));
    const udc_npu_layer_estimate actual = estimate(expected.config, expected.op, expected.bytes);
    EXPECT_EQ(expected.block.height, actual.block.ofm.height);
    EXPECT_EQ(expected.block.width, actual.block.ofm.width);
    EXPECT_EQ(expected.block.depth, actual.block.ofm.depth);
    std::vector<int32_t> slices(16);
    size_t count = 0;
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_depth_slices(&actual, slices.data(), slices.size(), &count, nullptr));
    slices.resize(count);
    EXPECT_EQ(expected.slices, slices);
    EXPECT_EQ(expected.npu, actual.cycles.npu);
    EXPECT_DOUBLE_EQ(expected.sram, actual.cycles.sram);
    EXPECT_DOUBLE_EQ(expected.dram, actual.cycles.dram);
    EXPECT_DOUBLE_EQ(expected.onchip, actual.cycles.onchip_flash);
    EXPECT_DOUBLE_EQ(expected.total, actual.cycles.total);
    EXPECT_EQ(expected.slack, actual.slack);
  }
}

// 7 x 7, stride 2, SAME on 112 columns of 3 channels: pairs of columns become 6 channels. The
// padding, 2 and 3 columns, turns into 2 and 3 pairs, so the filter grows by as many zeros.
TEST(Performance, FirstStridedConvolutionIsFolded) {
  udc_npu_op op = makeOp(UDC_NPU_OP_CONV, {112, 112, 3}, 64, 7, 2);
  udc_npu_rewritten_op rewritten;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_rewrite_op(&op, &rewritten, nullptr));
  EXPECT_EQ(1, rewritten.fold) << "not the first operator";
  op.first = 1;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_rewrite_op(&op, &rewritten, nullptr));
  EXPECT_EQ(2, rewritten.fold);
  EXPECT_EQ(2, rewritten.fold_pad_left);
  EXPECT_EQ(3, rewritten.fold_pad_right);
  EXPECT_EQ(6, rewritten.op.kernel_width);
  EXPECT_EQ(7, rewritten.op.kernel_height);
  EXPECT_EQ(56, rewritten.op.ifm.width);
  EXPECT_EQ(6, rewritten.op.ifm.depth);
  EXPECT_EQ(1, rewritten.op.stride_x);
  EXPECT_EQ(2, rewritten.op.stride_y);
  EXPECT_EQ(56, rewritten.op.ofm.width);
}

TEST(Performance, RewritesKeepTheirResult) {
  for (const int32_t stride : {1, 2, 3, 4, 6}) {
    udc_npu_op op = makeOp(UDC_NPU_OP_CONV, {24, 24, 2}, 8, 3, stride);
    op.first = 1;
    udc_npu_rewritten_op once;
    udc_npu_rewritten_op twice;
    if (udc_npu_rewrite_op(&op, &once, nullptr) != UDC_NPU_OK) {
      continue;
    }
    ASSERT_EQ(UDC_NPU_OK, udc_npu_rewrite_op(&once.op, &twice, nullptr));
    EXPECT_EQ(0, std::memcmp(&once.op, &twice.op, sizeof(once.op))) << stride;
  }
}

TEST(Performance, PointwiseOnOnePixelAndBatches) {
  const udc_npu_op pointwise = makeOp(UDC_NPU_OP_CONV, {1, 1, 128}, 64);
  udc_npu_rewritten_op rewritten;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_rewrite_op(&pointwise, &rewritten, nullptr));
  EXPECT_EQ(UDC_NPU_OP_FULLY_CONNECTED, rewritten.op.kind);

  udc_npu_op batch = makeOp(UDC_NPU_OP_FULLY_CONNECTED, {1, 1, 128}, 64);
  const int32_t expected[][3] = {{1, 1, 1}, {3, 1, 3}, {4, 2, 2}, {8, 2, 4}, {16, 4, 4}};
  for (const auto& [n, height, width] : expected) {
    batch.batch = n;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_rewrite_op(&batch, &rewritten, nullptr));
    EXPECT_EQ(height, rewritten.op.ofm.height) << n;
    EXPECT_EQ(width, rewritten.op.ifm.width) << n;
  }
}

TEST(Performance, MoreBytesNeverTakeFewerCycles) {
  for (int32_t accelerator = 0; accelerator < UDC_NPU_ACCELERATOR_COUNT; ++accelerator) {
    const auto config = defaults(static_cast<udc_npu_accelerator>(accelerator));
    const udc_npu_op op = makeOp(UDC_NPU_OP_FULLY_CONNECTED, {1, 1, 256}, 64);
    double last = 0;
    for (uint64_t size = 1024; size <= 65536; size += 1024) {
      const double total = estimate(config, op, size).cycles.total;
      EXPECT_GE(total, last) << accelerator << " " << size;
      last = total;
    }
  }
}

TEST(Performance, MoreRowsNeverTakeFewerCyclesWithTheSameBlock) {
  const auto config = defaults(UDC_NPU_ETHOS_U55_256);
  udc_npu_layer_estimate last{};
  for (int32_t height = 8; height <= 128; height += 8) {
    const udc_npu_layer_estimate now =
        estimate(config, makeOp(UDC_NPU_OP_CONV, {height, 32, 32}, 32, 3), 8192);
    if (std::memcmp(&now.block, &last.block, sizeof(now.block)) == 0) {
      EXPECT_GE(now.cycles.total, last.cycles.total) << height;
    }
    last = now;
  }
}

TEST(Performance, FewestCyclesIsNeverWorseAndSaysWhenItIsBetter) {
  int better = 0;
  for (int32_t accelerator = 0; accelerator < UDC_NPU_ACCELERATOR_COUNT; ++accelerator) {
    auto config = defaults(static_cast<udc_npu_accelerator>(accelerator));
    for (const int32_t width : {8, 24, 40, 96}) {
      const udc_npu_op op = makeOp(UDC_NPU_OP_CONV, {14, 14, width}, width, 3);
      const auto size = static_cast<uint64_t>(9 * width * width + 16 * width) / 16 * 16;
      config.block_choice = UDC_NPU_BLOCK_VELA;
      const udc_npu_layer_estimate vela = estimate(config, op, size);
      EXPECT_EQ(UDC_NPU_BLOCK_VELA, vela.block.choice);
      config.block_choice = UDC_NPU_BLOCK_FEWEST_CYCLES;
      const udc_npu_layer_estimate fewest = estimate(config, op, size);
      EXPECT_LE(fewest.cycles.total, vela.cycles.total);
      const bool improved = fewest.cycles.total < vela.cycles.total;
      EXPECT_EQ(improved ? UDC_NPU_BLOCK_FEWEST_CYCLES : UDC_NPU_BLOCK_VELA, fewest.block.choice);
      better += improved ? 1 : 0;
    }
  }
  EXPECT_GT(better, 0);
}

}  // namespace
