// Networks, cost tables and the refusal of bad arguments by the latency model.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "udc/npu/performance.h"

namespace {

udc_npu_performance_config defaults(udc_npu_accelerator accelerator) {
  udc_npu_performance_config config{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_performance_defaults(accelerator, &config, nullptr));
  return config;
}

udc_npu_op conv(udc_npu_shape3 ifm, int32_t out, int32_t kernel, int32_t from, int32_t to) {
  udc_npu_op op;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_init(UDC_NPU_OP_CONV, &op, nullptr));
  op.ifm = ifm;
  op.kernel_height = op.kernel_width = kernel;
  op.ifm_tensor = from;
  op.ofm_tensor = to;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_infer_output(&op, out, nullptr));
  return op;
}

udc_npu_op add(udc_npu_shape3 ifm, int32_t first, int32_t second, int32_t to) {
  udc_npu_op op;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_init(UDC_NPU_OP_ADD, &op, nullptr));
  op.ifm = op.ifm2 = op.ofm = ifm;
  op.ifm_tensor = first;
  op.ifm2_tensor = second;
  op.ofm_tensor = to;
  return op;
}

udc_npu_weight_sizes bytes(uint64_t full) {
  udc_npu_weight_sizes sizes{};
  sizes.full_bytes = full;
  return sizes;
}

// Two convolutions around which a sum takes the block's input again.
struct ResidualNetwork {
  std::vector<udc_npu_op> ops = {conv({16, 16, 8}, 16, 3, 7, 2), conv({16, 16, 16}, 16, 1, 2, 3),
                                 conv({16, 16, 16}, 16, 3, 3, 4), add({16, 16, 16}, 4, 2, 5)};
  std::vector<udc_npu_weight_sizes> sizes = {bytes(1200), bytes(480), bytes(2496), {}};
};

TEST(PerformanceNetwork, ResidualGraphFormatsSlackAndMemory) {
  for (int32_t accelerator = 0; accelerator < UDC_NPU_ACCELERATOR_COUNT; ++accelerator) {
    const auto config = defaults(static_cast<udc_npu_accelerator>(accelerator));
    const ResidualNetwork net;
    std::vector<udc_npu_layer_estimate> rows(net.ops.size());
    udc_npu_network_estimate network;
    udc_npu_error error{};
    ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_network(&config, net.ops.data(), net.ops.size(),
                                                   net.sizes.data(), rows.data(), &network, &error))
        << error.message;
    EXPECT_EQ(UDC_NPU_NHWC, rows[0].op.ifm_format);
    EXPECT_EQ(UDC_NPU_NHCWB16, rows[0].op.ofm_format);
    EXPECT_EQ(UDC_NPU_NHCWB16, rows[3].op.ifm_format);
    EXPECT_EQ(UDC_NPU_NHCWB16, rows[3].op.ifm2_format);
    EXPECT_EQ(UDC_NPU_NHWC, rows[3].op.ofm_format);
    double total = 0;
    for (const udc_npu_layer_estimate& row : rows) {
      total += row.cycles.total;
    }
    EXPECT_DOUBLE_EQ(total, network.cycles.total);
    EXPECT_DOUBLE_EQ(total / udc_npu_system_config_clock(config.system_config) * 1e3,
                     network.milliseconds);
    // The first convolution hides the copy of the second one's 480 bytes.
    EXPECT_EQ(UDC_NPU_BUFFERING_STANDARD, rows[1].buffering);
    // Tensors 2, 3 and 4 of 4096 bytes meet at the third operator, with its weights.
    EXPECT_EQ(3 * 4096 + rows[2].buffer_bytes[0] + rows[2].buffer_bytes[1], rows[2].sram_bytes);
    EXPECT_EQ(0, network.spilled_tensors);
  }
}

TEST(PerformanceNetwork, AChainOfOneEqualsTheLayer) {
  const auto config = defaults(UDC_NPU_ETHOS_U65_512);
  udc_npu_op op = conv({16, 16, 32}, 48, 3, 0, 1);
  const udc_npu_weight_sizes sizes = bytes(14000);
  udc_npu_network_estimate network;
  ASSERT_EQ(UDC_NPU_OK,
            udc_npu_estimate_network(&config, &op, 1, &sizes, nullptr, &network, nullptr));
  op.first = 1;
  udc_npu_layer_estimate layer;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, &sizes, &layer, nullptr));
  EXPECT_EQ(layer.cycles.total, network.cycles.total);
  EXPECT_EQ(layer.encoded_bytes, network.encoded_bytes);
}

TEST(PerformanceNetwork, LargeTensorsSpillInDedicatedModes) {
  const auto config = defaults(UDC_NPU_ETHOS_U65_256);
  const std::vector<udc_npu_op> ops = {conv({96, 96, 16}, 64, 1, 0, 1),
                                       conv({96, 96, 64}, 16, 1, 1, 2),
                                       conv({96, 96, 16}, 16, 1, 2, 3)};
  const std::vector<udc_npu_weight_sizes> sizes(3, bytes(1600));
  std::vector<udc_npu_layer_estimate> rows(3);
  udc_npu_network_estimate network;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_network(&config, ops.data(), 3, sizes.data(), rows.data(),
                                                 &network, nullptr));
  EXPECT_EQ(1, network.spilled_tensors);
  EXPECT_EQ(UDC_NPU_PLACE_ARENA, rows[0].op.ofm_placement);
  EXPECT_EQ(UDC_NPU_PLACE_FAST, rows[1].op.ofm_placement);
  EXPECT_LE(network.peak_sram_bytes, 393216u);
}

TEST(PerformanceNetwork, BrokenGraphsAreRefused) {
  const auto config = defaults(UDC_NPU_ETHOS_U55_128);
  udc_npu_network_estimate network;
  udc_npu_error error{};
  const auto run = [&](const ResidualNetwork& net) {
    return udc_npu_estimate_network(&config, net.ops.data(), net.ops.size(), net.sizes.data(),
                                    nullptr, &network, &error);
  };
  ResidualNetwork twice;
  twice.ops[2].ofm_tensor = 2;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(twice));
  ResidualNetwork missing;
  missing.ops[1].ifm_tensor = UDC_NPU_NO_TENSOR;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(missing));
  ResidualNetwork mismatch;
  mismatch.ops[2].ifm_tensor = 7;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(mismatch));
  ResidualNetwork unsupported;
  unsupported.ops[3].kind = UDC_NPU_OP_SOFTMAX;
  EXPECT_EQ(UDC_NPU_UNSUPPORTED, run(unsupported));
  EXPECT_NE(nullptr, std::strstr(error.message, "softmax"));
  const ResidualNetwork good;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_network(&config, good.ops.data(), good.ops.size(), nullptr, nullptr,
                                     &network, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_network(&config, nullptr, 1, nullptr, nullptr, &network, &error));
}

TEST(PerformanceCostTable, CellsEqualLayers) {
  const auto config = defaults(UDC_NPU_ETHOS_U55_128);
  const udc_npu_op op = conv({14, 14, 8}, 8, 3, 0, 1);
  const std::vector<int32_t> inputs = {8, 20, 64};
  const std::vector<int32_t> outputs = {16, 40};
  const std::vector<double> bits = {8.1, 4.0, 2.2, 1.0};
  const udc_npu_cost_grid grid = {inputs.data(), 3, outputs.data(), 2, bits.data(), 2, 2};
  std::vector<double> cycles(24);
  std::vector<uint64_t> sizes(24);
  udc_npu_error error{};
  ASSERT_EQ(UDC_NPU_OK, udc_npu_cost_table(&config, &op, &grid, cycles.data(), sizes.data(),
                                           cycles.size(), &error))
      << error.message;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t o = 0; o < 2; ++o) {
      for (size_t c = 0; c < 4; ++c) {
        const size_t cell = (i * 2 + o) * 4 + c;
        const udc_npu_op layer = conv({14, 14, inputs[i]}, outputs[o], 3, 0, 1);
        udc_npu_layer_estimate estimate;
        const udc_npu_weight_sizes one = bytes(sizes[cell]);
        ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &layer, &one, &estimate, &error));
        if (estimate.slice_count == 1) {
          EXPECT_EQ(estimate.cycles.total, cycles[cell]) << cell;
        }
        if (c > 0) {
          EXPECT_LE(sizes[cell], sizes[cell - 1]);
        }
      }
    }
  }
  EXPECT_EQ(UDC_NPU_BUFFER_TOO_SMALL,
            udc_npu_cost_table(&config, &op, &grid, cycles.data(), nullptr, 23, &error));
  const int32_t same = 0;
  const udc_npu_cost_grid diagonal = {inputs.data(), 3, &same, 1, bits.data(), 2, 2};
  udc_npu_op depthwise = op;
  depthwise.kind = UDC_NPU_OP_DEPTHWISE;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_cost_table(&config, &depthwise, &diagonal, cycles.data(),
                                           sizes.data(), 12, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_cost_table(&config, &depthwise, &grid, cycles.data(),
                                                         sizes.data(), 24, &error));
}

udc_npu_status failingEncoder(void*, const udc_npu_op*, int32_t, int32_t, int32_t, uint64_t*) {
  return UDC_NPU_LIMIT_EXCEEDED;
}

TEST(PerformanceArguments, BadOnesAreRefused) {
  const auto config = defaults(UDC_NPU_ETHOS_U55_128);
  const udc_npu_op good = conv({8, 8, 16}, 16, 3, 0, 1);
  const udc_npu_weight_sizes sizes = bytes(2304);
  udc_npu_layer_estimate estimate;
  udc_npu_error error{};
  const auto run = [&](const udc_npu_op& op) {
    return udc_npu_estimate_layer(&config, &op, &sizes, &estimate, &error);
  };
  ASSERT_EQ(UDC_NPU_OK, run(good));
  const std::vector<int32_t udc_npu_op::*> fields = {
      &udc_npu_op::batch,      &udc_npu_op::kernel_height, &udc_npu_op::kernel_width,
      &udc_npu_op::stride_y,   &udc_npu_op::stride_x,      &udc_npu_op::dilation_y,
      &udc_npu_op::dilation_x, &udc_npu_op::padding,       &udc_npu_op::ifm_bits,
      &udc_npu_op::ofm_bits,   &udc_npu_op::ifm_format,    &udc_npu_op::ofm_format,
      &udc_npu_op::activation, &udc_npu_op::table_bytes,   &udc_npu_op::ifm_placement};
  for (const auto field : fields) {
    for (const int32_t value : {-1, 1 << 20}) {
      udc_npu_op bad = good;
      bad.*field = value;
      EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(bad)) << value;
    }
  }
  udc_npu_op bad = good;
  bad.ifm.depth = 0;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(bad));
  bad = good;
  bad.ofm.width = 9;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, run(bad));
  bad = good;
  bad.kind = UDC_NPU_OP_TRANSPOSE_CONV;
  EXPECT_EQ(UDC_NPU_UNSUPPORTED, run(bad));
  EXPECT_NE(nullptr, std::strstr(error.message, "transpose_conv"));
  bad.kind = 999;
  EXPECT_EQ(UDC_NPU_UNSUPPORTED, run(bad));
  bad = conv({9, 9, 16}, 16, 3, 0, 1);
  bad.stride_y = bad.stride_x = 5;
  bad.ofm = {2, 2, 16};
  EXPECT_EQ(UDC_NPU_UNSUPPORTED, run(bad)) << "a stride that cannot be folded";

  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_layer(&config, &good, nullptr, &estimate, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_layer(&config, nullptr, &sizes, &estimate, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_layer(&config, &good, &sizes, nullptr, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_layer(nullptr, &good, &sizes, &estimate, &error));
  udc_npu_weight_sizes failing{};
  failing.encode = failingEncoder;
  EXPECT_EQ(UDC_NPU_LIMIT_EXCEEDED,
            udc_npu_estimate_layer(&config, &good, &failing, &estimate, &error));
  udc_npu_performance_config impossible = config;
  impossible.memory_mode = UDC_NPU_DEDICATED_SRAM;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_estimate_layer(&impossible, &good, &sizes, &estimate, &error));
}

TEST(PerformanceArguments, TransferredBytesInvertTheCopy) {
  for (int32_t accelerator = 0; accelerator < UDC_NPU_ACCELERATOR_COUNT; ++accelerator) {
    for (int32_t system = 0; system < UDC_NPU_SYSTEM_CONFIG_COUNT; ++system) {
      const udc_npu_performance_config config = {accelerator, system, UDC_NPU_SHARED_SRAM, 0};
      const udc_npu_op op = conv({8, 8, 16}, 16, 3, 0, 1);
      for (const uint64_t size : {160u, 176u, 2304u, 60000u}) {
        const udc_npu_weight_sizes sizes = bytes(size);
        udc_npu_layer_estimate estimate;
        ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, &sizes, &estimate, nullptr));
        uint64_t found = 0;
        ASSERT_EQ(UDC_NPU_OK,
                  udc_npu_transferred_bytes(&config, estimate.transfer_cycles, &found, nullptr));
        EXPECT_EQ(size, found);
      }
      uint64_t found = 0;
      EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_transferred_bytes(&config, 1, &found, nullptr));
    }
  }
}

TEST(PerformanceArguments, SliceBoundsReportTheirNumber) {
  const auto config = defaults(UDC_NPU_ETHOS_U55_128);
  const udc_npu_op op = conv({8, 8, 64}, 128, 3, 0, 1);
  const udc_npu_weight_sizes sizes = bytes(73728);
  udc_npu_layer_estimate estimate;
  ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, &sizes, &estimate, nullptr));
  ASSERT_GT(estimate.slice_count, 1);
  size_t count = 0;
  EXPECT_EQ(UDC_NPU_BUFFER_TOO_SMALL, udc_npu_depth_slices(&estimate, nullptr, 0, &count, nullptr));
  std::vector<int32_t> bounds(count);
  ASSERT_EQ(UDC_NPU_OK,
            udc_npu_depth_slices(&estimate, bounds.data(), bounds.size(), &count, nullptr));
  EXPECT_EQ(0, bounds.front());
  EXPECT_EQ(128, bounds.back());
}

}  // namespace
