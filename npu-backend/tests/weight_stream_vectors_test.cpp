// Vela's streams: decoded to the value, and never smaller than ours.
#include <gtest/gtest.h>

#if __has_include(<nlohmann/json.hpp>)

#include <nlohmann/json.hpp>

#include "udc/npu/layer.h"
#include "vectors.h"
#include "weight_samples.h"

namespace udc::npu::test {
namespace {

using nlohmann::json;

struct Case {
  std::string name;
  Weights raw;    // as the layer holds them
  Weights order;  // as the stream holds them
  Bytes stream;
};

udc_npu_brick brickOf(const json& p) {
  udc_npu_brick brick{};
  brick.out_channels = p["shape_ohwi"][0];
  brick.kernel_height = p["shape_ohwi"][1];
  brick.kernel_width = p["shape_ohwi"][2];
  brick.in_channels = p["shape_ohwi"][3];
  brick.traversal = p["is_depthwise"] != 0    ? UDC_NPU_DEPTHWISE_ORDER
                    : p["is_partkernel"] != 0 ? UDC_NPU_PART_KERNEL_FIRST
                                              : UDC_NPU_DEPTH_FIRST;
  brick.ofm_block_depth = p["ofm_block_depth"];
  brick.ofm_ublock_depth = p["ofm_ublock_depth"];
  brick.ifm_bits = p["ifm_bitdepth"];
  brick.sub_kernel_height = p["decomp_h"];
  brick.sub_kernel_width = p["decomp_w"];
  return brick;
}

std::vector<Case> readCases() {
  std::vector<Case> cases;
  std::ifstream file(vectorPath("weights/index.json"));
  const json index = json::parse(file);
  for (const json& entry : index["cases"]) {
    Case c;
    c.name = entry["name"];
    const Bytes raw = readVector("weights/" + entry["raw_file"].get<std::string>());
    if (entry["raw_dtype"] == "int8") {
      for (const uint8_t byte : raw) {
        c.raw.push_back(static_cast<int8_t>(byte));
      }
    } else {
      for (size_t i = 0; i + 1 < raw.size(); i += 2) {
        c.raw.push_back(static_cast<int16_t>(raw[i] | raw[i + 1] << 8));
      }
    }
    c.order = c.raw;
    if (entry["kind"] == "reorder") {
      const udc_npu_brick brick = brickOf(entry["params"]);
      uint64_t count = 0;
      EXPECT_EQ(UDC_NPU_OK, udc_npu_brick_count(&brick, &count, nullptr));
      c.order.assign(count, 0);
      EXPECT_EQ(UDC_NPU_OK, udc_npu_reorder_weights(&brick, c.raw.data(), c.raw.size(),
                                                    c.order.data(), count, &count, nullptr));
      Weights restored(c.raw.size());
      EXPECT_EQ(UDC_NPU_OK, udc_npu_restore_weights(&brick, c.order.data(), count, restored.data(),
                                                    restored.size(), nullptr));
      EXPECT_EQ(c.raw, restored) << c.name;
    }
    c.stream = readVector("weights/" + entry["mlw_file"].get<std::string>());
    cases.push_back(std::move(c));
  }
  return cases;
}

TEST(WeightStreamVectors, VelasStreamsDecodeToTheirWeights) {
  UDC_NPU_SKIP_WITHOUT("weights/index.json");
  for (const Case& c : readCases()) {
    EXPECT_EQ(c.order, decode(c.stream).weights) << c.name;
  }
}

TEST(WeightStreamVectors, BestIsNeverLargerThanVela) {
  UDC_NPU_SKIP_WITHOUT("weights/index.json");
  double ratios = 0;
  int counted = 0;
  for (const Case& c : readCases()) {
    const Bytes stream = encode(c.order, UDC_NPU_EFFORT_BEST);
    EXPECT_LE(stream.size(), c.stream.size()) << c.name;
    EXPECT_EQ(c.order, decode(stream).weights) << c.name;
    const double ratio = static_cast<double>(stream.size()) / static_cast<double>(c.stream.size());
    if (c.stream.size() >= 256) {
      ratios += ratio;
      ++counted;
    }
    if (c.name == "gauss8_narrow_30k" || c.name == "laplace8_30k") {
      EXPECT_LE(ratio, 0.94) << c.name;
    }
  }
  EXPECT_LE(ratios / counted, 0.985);
}

}  // namespace
}  // namespace udc::npu::test

#endif  // nlohmann/json
