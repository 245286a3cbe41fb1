// Vela's complete weight tensors: records and padding equal byte for byte, streams equal after
// decoding, ours never larger.
#include <gtest/gtest.h>

#if __has_include(<nlohmann/json.hpp>)

#include <nlohmann/json.hpp>

#include "udc/npu/layer.h"
#include "vectors.h"
#include "weight_samples.h"

namespace udc::npu::test {
namespace {

using nlohmann::json;

// The integer hash that the vectors' weights are made of.
int16_t hashedWeight(uint32_t index, uint32_t seed, const std::string& kind) {
  uint32_t h = index * 0x9E3779B1U + seed * 0x85EBCA77U;
  h ^= h >> 16;
  h *= 0x7FEB352DU;
  h ^= h >> 15;
  h *= 0x846CA68BU;
  h ^= h >> 16;
  const int s = static_cast<int>((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24)) - 510;
  if (kind == "sp" && std::abs(s) < 190) {
    return 0;
  }
  return static_cast<int16_t>(
      std::clamp(static_cast<int>(std::floor(s / (kind == "g4" ? 64.0 : 4.0))), -127, 127));
}

struct TensorCase {
  udc_npu_layer layer{};
  std::vector<int32_t> slices;
  Weights weights;
  std::vector<udc_npu_scale_record> records;
  Bytes tensor;
};

TensorCase makeCase(const json& record, const json& op, Bytes tensor) {
  TensorCase c;
  c.tensor = std::move(tensor);
  const json& source = record["layer"];
  const std::string kind = source["op"];
  const bool depthwise = kind == "dw";
  const bool dense = kind == "fc";
  const std::vector<int32_t> ifm = source["ifm"];
  c.layer.kind = depthwise ? UDC_NPU_LAYER_DEPTHWISE
                 : dense   ? UDC_NPU_LAYER_DENSE
                           : UDC_NPU_LAYER_CONV;
  EXPECT_EQ(UDC_NPU_OK,
            udc_npu_accelerator_by_name(record["accelerator"].get<std::string>().c_str(),
                                        &c.layer.accelerator, nullptr));
  c.layer.out_channels = op["ofm_shape"][3];
  c.layer.kernel_height = op["kernel"]["h"];
  c.layer.kernel_width = op["kernel"]["w"];
  c.layer.in_channels = depthwise ? 1 : op["ifm_shape"][3].get<int32_t>();
  c.layer.dilation_y = op["kernel"]["dy"];
  c.layer.dilation_x = op["kernel"]["dx"];
  c.layer.ifm_bits = op["ifm_bits"];
  c.layer.ofm_block_depth = op["ofm_block_hwc"][2];
  c.slices = op["depth_slices"].get<std::vector<int32_t>>();
  c.layer.depth_slices = c.slices.data();
  c.layer.depth_slice_count = static_cast<uint32_t>(c.slices.size());

  const int32_t outputs = c.layer.out_channels;
  const int32_t inner = c.layer.kernel_height * c.layer.kernel_width * c.layer.in_channels;
  for (int32_t o = 0; o < outputs; ++o) {
    for (int32_t k = 0; k < inner; ++k) {
      // TFLite keeps depthwise weights with the channel innermost.
      const int32_t index = depthwise ? k * outputs + o : o * inner + k;
      c.weights.push_back(
          hashedWeight(static_cast<uint32_t>(index), record["seed"], source["weights"]));
    }
  }
  const double input = 0.05F;
  const double output = 0.06F;
  for (int32_t o = 0; o < outputs; ++o) {
    const double weight = dense ? 0.012F : static_cast<float>(0.01 + 0.0001 * o);
    // Fully connected layers take the product in single precision.
    const double product =
        dense ? static_cast<float>(input) * static_cast<float>(weight) : input * weight;
    udc_npu_scale_record scale{kind == "conv" ? 37 * o - 100 : 0, 0, 0};
    EXPECT_EQ(UDC_NPU_OK,
              udc_npu_quantize_scale(product / output, 0, &scale.scale, &scale.shift, nullptr));
    c.records.push_back(scale);
  }
  return c;
}

TEST(LayerVectors, VelasTensorsDecodeAndOursAreNotLarger) {
  UDC_NPU_SKIP_WITHOUT("perf/layers.json");
  std::ifstream file(vectorPath("perf/layers.json"));
  const json records = json::parse(file);
  int compared = 0;
  uint64_t velaBytes = 0;
  uint64_t ourBytes = 0;
  for (const json& record : records) {
    const json& op = record["ops"][0];
    // Folded strides change the weights before they reach the codec.
    const bool folded = record["layer"]["ifm"][2] != op["ifm_shape"][3];
    if (op["weights_tensor_sha256"].is_null() || folded) {
      continue;
    }
    Bytes tensor = readVector(
        "perf/tensors/" + op["weights_tensor_sha256"].get<std::string>().substr(0, 16) + ".bin");
    if (tensor.empty()) {
      continue;
    }
    SCOPED_TRACE(record["name"].get<std::string>() + " " +
                 record["accelerator"].get<std::string>());
    TensorCase c = makeCase(record, op, std::move(tensor));
    c.layer.depth_slices = c.slices.data();

    Weights decoded(c.weights.size());
    udc_npu_error error{};
    ASSERT_EQ(UDC_NPU_OK, udc_npu_decode_layer(&c.layer, c.tensor.data(), c.tensor.size(),
                                               decoded.data(), decoded.size(), nullptr, 0, &error))
        << error.message;
    EXPECT_EQ(c.weights, decoded);

    uint64_t bound = 0;
    uint32_t rangeCount = 0;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_layer_size_bound(&c.layer, &bound, &rangeCount, nullptr));
    Bytes ours(bound);
    std::vector<udc_npu_layer_range> ranges(rangeCount);
    uint64_t size = 0;
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_encode_layer(&c.layer, c.weights.data(), c.weights.size(), c.records.data(),
                                   c.records.size(), UDC_NPU_EFFORT_BEST, ours.data(), ours.size(),
                                   &size, ranges.data(), rangeCount, &rangeCount, nullptr));
    EXPECT_LE(size, c.tensor.size());
    velaBytes += c.tensor.size();
    ourBytes += size;

    json velaRanges = json::array();
    for (const json& range : op["ranges"]) {
      // Vela lists a core without channels, too.
      if (range["weight_bytes"] != 0) {
        velaRanges.push_back(range);
      }
    }
    ASSERT_EQ(velaRanges.size(), ranges.size());
    uint64_t at = 0;
    for (size_t r = 0; r < ranges.size(); ++r) {
      EXPECT_EQ(velaRanges[r]["core"], ranges[r].core);
      EXPECT_EQ(velaRanges[r]["scale_bytes"], ranges[r].record_bytes);
      EXPECT_GE(velaRanges[r]["weight_bytes"].get<uint64_t>(), ranges[r].stream_bytes);
      const uint64_t padded = (ranges[r].record_bytes + 15) / 16 * 16;
      EXPECT_TRUE(std::equal(ours.begin() + static_cast<long>(ranges[r].offset),
                             ours.begin() + static_cast<long>(ranges[r].offset + padded),
                             c.tensor.begin() + static_cast<long>(at)));
      at += padded + velaRanges[r]["weight_bytes"].get<uint64_t>();
    }
    EXPECT_EQ(c.tensor.size(), at);
    ++compared;
  }
  EXPECT_GE(compared, 100);
  std::printf("%d tensors, ours %.2f%% of Vela's bytes\n", compared,
              100.0 * static_cast<double>(ourBytes) / static_cast<double>(velaBytes));
}

}  // namespace
}  // namespace udc::npu::test

#endif  // nlohmann/json
