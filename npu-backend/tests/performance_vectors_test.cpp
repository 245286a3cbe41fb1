// Compares the latency model with Vela's figures in the shared reference vectors, if these are
// there: they are not part of this repository.
#include <gtest/gtest.h>

#if __has_include(<nlohmann/json.hpp>)

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "udc/npu/performance.h"

namespace {

using nlohmann::json;

std::optional<json> readVectors(const char* name) {
  const char* shared = std::getenv("UDC_SHARED");
  std::ifstream file(std::string(shared != nullptr ? shared : UDC_NPU_DEFAULT_SHARED) +
                     "/vectors/perf/" + name);
  return file ? std::optional<json>(json::parse(file)) : std::nullopt;
}

#define READ_VECTORS_OR_SKIP(variable, name)                                                   \
  const std::optional<json> variable = readVectors(name);                                      \
  if (!variable) {                                                                             \
    GTEST_SKIP() << "no reference vectors: set UDC_SHARED or put shared/ beside the checkout"; \
  }

udc_npu_performance_config configOf(const json& record) {
  udc_npu_performance_config config{};
  udc_npu_accelerator accelerator{};
  EXPECT_EQ(UDC_NPU_OK,
            udc_npu_accelerator_by_name(record["accelerator"].get<std::string>().c_str(),
                                        &accelerator, nullptr));
  config.accelerator = accelerator;
  EXPECT_EQ(UDC_NPU_OK,
            udc_npu_system_config_by_name(record["system_config"].get<std::string>().c_str(),
                                          &config.system_config, nullptr));
  EXPECT_EQ(UDC_NPU_OK,
            udc_npu_memory_mode_by_name(record["memory_mode"].get<std::string>().c_str(),
                                        &config.memory_mode, nullptr));
  return config;
}

// Encoded sizes of a record: those of its slices, and of the whole in one range.
struct GivenSizes {
  std::vector<int32_t> begin;
  std::vector<int32_t> end;
  std::vector<uint64_t> bytes;
  uint64_t full = 0;

  GivenSizes(const json& record, const json& op) {
    std::map<int32_t, uint64_t> byDepth;
    for (const json& range : op["ranges"]) {
      byDepth[range["depth"]] += (range["scale_bytes"].get<uint64_t>() + 15) / 16 * 16 +
                                 range["weight_bytes"].get<uint64_t>();
    }
    const json& slices = op["depth_slices"];
    for (size_t i = 0; i + 1 < slices.size() && !byDepth.empty(); ++i) {
      begin.push_back(slices[i]);
      end.push_back(slices[i + 1]);
      bytes.push_back(byDepth.at(slices[i]));
    }
    full = op["weights_bytes"];
    const double transfer = op["full_weight_transfer_cycles"];
    if (transfer > 0 && slices.size() > 2) {
      // The bytes of the unsliced weights are not recorded, but what copying them takes is.
      const udc_npu_performance_config config = configOf(record);
      EXPECT_EQ(UDC_NPU_OK, udc_npu_transferred_bytes(&config, transfer, &full, nullptr));
    }
  }

  udc_npu_weight_sizes view() const {
    udc_npu_weight_sizes sizes{};
    sizes.full_bytes = full;
    sizes.range_count = begin.size();
    sizes.range_begin = begin.data();
    sizes.range_end = end.data();
    sizes.range_bytes = bytes.data();
    return sizes;
  }
};

void expectSame(const json& expected, const udc_npu_layer_estimate& actual) {
  const json& block = expected["ofm_block_hwc"];
  EXPECT_EQ(block[0], actual.block.ofm.height);
  EXPECT_EQ(block[1], actual.block.ofm.width);
  EXPECT_EQ(block[2], actual.block.ofm.depth);
  const json& ifmBlock = expected["ifm_block_hwc"];
  EXPECT_EQ(ifmBlock[0], actual.block.ifm.height);
  EXPECT_EQ(ifmBlock[1], actual.block.ifm.width);
  EXPECT_EQ(ifmBlock[2], actual.block.ifm.depth);

  size_t count = 0;
  std::vector<int32_t> slices(4096);
  ASSERT_EQ(UDC_NPU_OK,
            udc_npu_depth_slices(&actual, slices.data(), slices.size(), &count, nullptr));
  slices.resize(count);
  EXPECT_EQ(expected["depth_slices"].get<std::vector<int32_t>>(), slices);

  const json& buffers = expected["buffered"];
  if (!buffers.is_array() || buffers.empty()) {
    EXPECT_EQ(UDC_NPU_BUFFERING_NONE, actual.buffering);
  } else {
    EXPECT_EQ(buffers[0]["purpose"] == "DoubleBuffer" ? UDC_NPU_BUFFERING_DOUBLE
                                                      : UDC_NPU_BUFFERING_STANDARD,
              actual.buffering);
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(buffers[i]["size"], actual.buffer_bytes[i]);
    }
    EXPECT_EQ(expected["full_weight_transfer_cycles"], actual.transfer_cycles);
  }
  const json& cycles = expected["cycles"];
  EXPECT_EQ(cycles["npu"], actual.cycles.npu);
  EXPECT_DOUBLE_EQ(cycles["sram"], actual.cycles.sram);
  EXPECT_DOUBLE_EQ(cycles["dram"], actual.cycles.dram);
  EXPECT_DOUBLE_EQ(cycles["onchip_flash"], actual.cycles.onchip_flash);
  EXPECT_DOUBLE_EQ(cycles["offchip_flash"], actual.cycles.offchip_flash);
  EXPECT_DOUBLE_EQ(cycles["total"], actual.cycles.total);
  EXPECT_EQ(expected["macs"], actual.macs);
  EXPECT_EQ(expected["slack_buffering_cycles"], actual.slack);
}

const std::map<std::string, int32_t> kLayerKinds = {{"conv", UDC_NPU_OP_CONV},
                                                    {"dw", UDC_NPU_OP_DEPTHWISE},
                                                    {"fc", UDC_NPU_OP_FULLY_CONNECTED},
                                                    {"maxpool", UDC_NPU_OP_MAX_POOL},
                                                    {"avgpool", UDC_NPU_OP_AVERAGE_POOL},
                                                    {"add", UDC_NPU_OP_ADD}};

// The layer as its author wrote it: the rewrites are the model's business.
udc_npu_op layerOf(const json& layer) {
  udc_npu_op op;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_init(kLayerKinds.at(layer["op"]), &op, nullptr));
  op.ifm = {layer["ifm"][0], layer["ifm"][1], layer["ifm"][2]};
  if (op.kind == UDC_NPU_OP_ADD) {
    op.ifm2 = op.ifm;
  }
  op.kernel_height = layer["kernel"][0];
  op.kernel_width = layer["kernel"][1];
  op.stride_y = op.stride_x = layer["stride"];
  op.dilation_y = op.dilation_x = layer["dilation"];
  op.padding = layer["padding"] == "SAME" ? UDC_NPU_PADDING_SAME : UDC_NPU_PADDING_VALID;
  op.activation = layer["act"] == 0 ? UDC_NPU_ACTIVATION_NONE : UDC_NPU_ACTIVATION_RELU;
  op.first = 1;
  udc_npu_error error{};
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_infer_output(&op, layer["out"], &error)) << error.message;
  return op;
}

TEST(PerformanceVectors, EverySingleLayerEqualsVela) {
  READ_VECTORS_OR_SKIP(records, "layers.json");
  size_t compared = 0;
  for (const json& record : *records) {
    SCOPED_TRACE(record["name"].get<std::string>() + " " +
                 record["accelerator"].get<std::string>() + " " +
                 record["memory_mode"].get<std::string>());
    const udc_npu_performance_config config = configOf(record);
    const udc_npu_op op = layerOf(record["layer"]);
    const json& expected = record["ops"][0];
    const GivenSizes given(record, expected);
    const udc_npu_weight_sizes sizes = given.view();
    udc_npu_layer_estimate estimate;
    udc_npu_error error{};
    ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, &sizes, &estimate, &error))
        << error.message;
    expectSame(expected, estimate);
    EXPECT_EQ(expected["weights_bytes"], estimate.encoded_bytes);
    EXPECT_EQ(record["totals"]["original_weights"], estimate.original_weights);

    udc_npu_performance_config fewest = config;
    fewest.block_choice = UDC_NPU_BLOCK_FEWEST_CYCLES;
    udc_npu_layer_estimate best;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&fewest, &op, &sizes, &best, &error));
    EXPECT_LE(best.cycles.total, estimate.cycles.total);
    ++compared;
  }
  EXPECT_EQ(182u, compared);
}

const std::map<std::string, int32_t> kNetworkKinds = {
    {"Conv2DBias", UDC_NPU_OP_CONV},
    {"DepthwiseConv2DBias", UDC_NPU_OP_DEPTHWISE},
    {"FullyConnected", UDC_NPU_OP_FULLY_CONNECTED},
    {"MaxPool", UDC_NPU_OP_MAX_POOL},
    {"AvgPool", UDC_NPU_OP_AVERAGE_POOL},
    {"Add", UDC_NPU_OP_ADD},
    {"Sub", UDC_NPU_OP_SUB},
    {"Mul", UDC_NPU_OP_MUL},
    {"SHR", UDC_NPU_OP_SHIFT_RIGHT},
    {"SHL", UDC_NPU_OP_SHIFT_LEFT},
    {"CLZ", UDC_NPU_OP_COUNT_LEADING_ZEROS},
    {"ReduceSum", UDC_NPU_OP_REDUCE_SUM}};

udc_npu_shape3 shapeOf(const json& nhwc) { return {nhwc[1], nhwc[2], nhwc[3]}; }

// An operator of a network record, which is rewritten already.
udc_npu_op operatorOf(const json& record) {
  udc_npu_op op;
  EXPECT_EQ(UDC_NPU_OK, udc_npu_op_init(kNetworkKinds.at(record["type"]), &op, nullptr));
  op.ifm = shapeOf(record["ifm_shape"]);
  op.ofm = shapeOf(record["ofm_shape"]);
  if (!record["ifm2_shape"].is_null()) {
    op.ifm2 = shapeOf(record["ifm2_shape"]);
  }
  const json& kernel = record["kernel"];
  op.kernel_height = kernel["h"];
  op.kernel_width = kernel["w"];
  op.stride_y = kernel["sy"];
  op.stride_x = kernel["sx"];
  op.dilation_y = kernel["dy"];
  op.dilation_x = kernel["dx"];
  op.padding = UDC_NPU_PADDING_EXPLICIT;
  op.activation =
      record["activation"].is_null() ? UDC_NPU_ACTIVATION_NONE : UDC_NPU_ACTIVATION_RELU;
  return op;
}

// Number of leading operators of a record that the model covers: all up to a softmax, which Vela
// expands to some thirty operators that start with a maximum over the flattened classes.
size_t coveredOperators(const json& ops) {
  size_t count = 0;
  while (count < ops.size() &&
         ops[count]["name"].get<std::string>().find("_maxpool0") == std::string::npos) {
    ++count;
  }
  return count;
}

// The records hold no tensors: chains, with residual sums written down by hand.
struct Residual {
  int32_t op;
  int32_t ifm;   // operators whose outputs are read, instead of the one before
  int32_t ifm2;  // -1 if there is none
};

void connect(const std::string& network, std::vector<udc_npu_op>* ops) {
  static const std::map<std::string, std::vector<Residual>> kResiduals = {
      {"dwnet_a", {{7, 6, 4}}},
      {"dwnet_b", {{7, 6, 4}, {12, 11, 9}}},
      {"pretrainedResnet_quant", {{3, 2, 0}, {6, 3, -1}, {7, 5, 6}, {10, 7, -1}, {11, 9, 10}}}};
  // Tensor 0 is the network's input, tensor i + 1 the output of operator i.
  for (size_t i = 0; i < ops->size(); ++i) {
    (*ops)[i].ifm_tensor = static_cast<int32_t>(i);
    (*ops)[i].ofm_tensor = static_cast<int32_t>(i) + 1;
  }
  const auto found = kResiduals.find(network);
  if (found != kResiduals.end()) {
    for (const Residual& residual : found->second) {
      udc_npu_op& op = (*ops)[static_cast<size_t>(residual.op)];
      op.ifm_tensor = residual.ifm + 1;
      op.ifm2_tensor = residual.ifm2 < 0 ? UDC_NPU_NO_TENSOR : residual.ifm2 + 1;
    }
  }
}

double figureOf(const udc_npu_cycles& cycles, const std::string& name) {
  return name == "npu"    ? cycles.npu
         : name == "sram" ? cycles.sram
         : name == "dram" ? cycles.dram
                          : cycles.total;
}

TEST(PerformanceVectors, NetworksEqualVela) {
  READ_VECTORS_OR_SKIP(records, "networks.json");
  size_t compared = 0;
  size_t exactMemory = 0;
  for (const json& record : *records) {
    const auto name = record["name"].get<std::string>();
    SCOPED_TRACE(name + " " + record["accelerator"].get<std::string>());
    const udc_npu_performance_config config = configOf(record);
    const size_t covered = coveredOperators(record["ops"]);
    std::vector<udc_npu_op> ops;
    std::vector<GivenSizes> given;
    std::vector<udc_npu_weight_sizes> sizes;
    given.reserve(covered);
    for (size_t i = 0; i < covered; ++i) {
      ops.push_back(operatorOf(record["ops"][i]));
      given.emplace_back(record, record["ops"][i]);
      sizes.push_back(given.back().view());
    }
    connect(name, &ops);
    std::vector<udc_npu_layer_estimate> rows(covered);
    udc_npu_network_estimate network;
    udc_npu_error error{};
    ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_network(&config, ops.data(), covered, sizes.data(),
                                                   rows.data(), &network, &error))
        << error.message;
    for (size_t i = 0; i < covered; ++i) {
      SCOPED_TRACE(i);
      json expected = record["ops"][i];
      if (i + 1 == covered && covered < record["ops"].size()) {
        // To the model this is the network's output, to Vela the softmax's input: in Dedicated
        // modes they live in different memories.
        for (const char* figure : {"npu", "sram", "dram", "total"}) {
          if (config.memory_mode >= UDC_NPU_DEDICATED_SRAM) {
            expected["cycles"][figure] = figureOf(rows[i].cycles, figure);
          }
        }
      }
      expectSame(expected, rows[i]);
      ++compared;
    }
    if (covered == record["ops"].size()) {
      EXPECT_DOUBLE_EQ(record["totals"]["total"], network.cycles.total);
      EXPECT_EQ(record["totals"]["encoded_weights"], network.encoded_bytes);
      EXPECT_EQ(record["totals"]["macs"], network.macs);
    }
    // Vela's allocator leaves gaps of a few percent in some networks.
    const double vela = record["totals"]["memory_used"]["Sram"];
    const auto peak = static_cast<double>(network.peak_sram_bytes);
    EXPECT_LE(peak, vela);
    EXPECT_GE(peak, 0.93 * vela);
    exactMemory += peak == vela ? 1 : 0;
  }
  EXPECT_EQ(17u, exactMemory);
  EXPECT_EQ(336u, compared);
}

// The operators of an expanded softmax, one by one: 32-bit elementwise ones for the most part.
TEST(PerformanceVectors, OperatorsOfSoftmaxEqualVela) {
  READ_VECTORS_OR_SKIP(records, "networks.json");
  size_t compared = 0;
  for (const json& record : *records) {
    const udc_npu_performance_config config = configOf(record);
    const json& ops = record["ops"];
    for (size_t i = coveredOperators(ops); i < ops.size(); ++i) {
      const json& expected = ops[i];
      SCOPED_TRACE(expected["name"].get<std::string>() + " " +
                   record["accelerator"].get<std::string>());
      udc_npu_op op = operatorOf(expected);
      op.ifm_bits = expected["ifm_bits"];
      op.ofm_bits = expected["ofm_bits"];
      op.ifm_format = op.ifm2_format =
          expected["ifm_format"] == "NHWC" ? UDC_NPU_NHWC : UDC_NPU_NHCWB16;
      op.ofm_format = expected["ofm_format"] == "NHWC" ? UDC_NPU_NHWC : UDC_NPU_NHCWB16;
      op.ifm_placement = op.ifm2_placement = UDC_NPU_PLACE_FAST;
      const bool toArena = expected["ofm_mem"] != "Sram";
      op.ofm_placement = toArena ? UDC_NPU_PLACE_ARENA : UDC_NPU_PLACE_FAST;
      const json& cycles = expected["cycles"];
      // Records do not say which inputs are constants, but these alone are read from elsewhere.
      op.ifm2_scalar = cycles["offchip_flash"] > 0.0 || (cycles["dram"] > 0.0 && !toArena) ? 1 : 0;
      const bool table = expected["lut"];
      op.activation = table ? UDC_NPU_ACTIVATION_TABLE : UDC_NPU_ACTIVATION_NONE;
      udc_npu_layer_estimate estimate;
      udc_npu_error error{};
      ASSERT_EQ(UDC_NPU_OK, udc_npu_estimate_layer(&config, &op, nullptr, &estimate, &error))
          << error.message;
      EXPECT_EQ(expected["ofm_block_hwc"][1], estimate.block.ofm.width);
      EXPECT_EQ(expected["ofm_block_hwc"][2], estimate.block.ofm.depth);
      if (!table) {  // the copy of the table hides behind the operator before
        EXPECT_EQ(cycles["npu"], estimate.cycles.npu);
      }
      EXPECT_DOUBLE_EQ(cycles["sram"], estimate.cycles.sram);
      EXPECT_DOUBLE_EQ(cycles["dram"], estimate.cycles.dram);
      EXPECT_DOUBLE_EQ(cycles["offchip_flash"], estimate.cycles.offchip_flash);
      ++compared;
    }
  }
  EXPECT_EQ(248u, compared);
}

}  // namespace

#else

TEST(PerformanceVectors, EverySingleLayerEqualsVela) {
  GTEST_SKIP() << "nlohmann/json.hpp was not there when this test was compiled";
}

#endif
