// Fuzz target: a layer made of the first bytes, its tensor of the others. Decoding must keep to the
// buffers, say the same with and without records, and give weights that encode and decode again.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "udc/npu/layer.h"

namespace {

constexpr size_t kHeader = 12;

// Small layers of every kind; some of them contradict themselves, which must be noticed.
struct FuzzedLayer {
  explicit FuzzedLayer(const uint8_t* bytes) {
    layer.kind = static_cast<udc_npu_layer_kind>(bytes[0] % 4);
    layer.accelerator = static_cast<udc_npu_accelerator>(bytes[1] % 7);
    layer.out_channels = bytes[2] % 64;
    layer.in_channels = layer.kind == UDC_NPU_LAYER_DEPTHWISE ? 1 : bytes[3] % 64;
    layer.kernel_height = layer.kind == UDC_NPU_LAYER_DENSE ? 1 : bytes[4] % 10;
    layer.kernel_width = layer.kind == UDC_NPU_LAYER_DENSE ? 1 : bytes[5] % 10;
    layer.dilation_y = 1 + bytes[6] % 2;
    layer.dilation_x = 1 + bytes[6] / 2 % 2;
    layer.ifm_bits = bytes[7] % 5 == 0 ? 16 : 8;
    layer.ofm_block_depth = 8 * (bytes[8] % 9);
    boundaries = {0, bytes[9] % 64, layer.out_channels};
    if (bytes[10] % 2 != 0) {
      layer.depth_slices = boundaries.data();
      layer.depth_slice_count = static_cast<uint32_t>(boundaries.size());
    }
  }
  FuzzedLayer(const FuzzedLayer&) = delete;
  FuzzedLayer& operator=(const FuzzedLayer&) = delete;

  size_t weights() const {
    return static_cast<size_t>(layer.out_channels) * static_cast<size_t>(layer.kernel_height) *
           static_cast<size_t>(layer.kernel_width) * static_cast<size_t>(layer.in_channels);
  }

  udc_npu_layer layer{};
  std::array<int32_t, 3> boundaries{};
};

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kHeader) {
    return 0;
  }
  const FuzzedLayer fuzzed(data);
  const udc_npu_layer& layer = fuzzed.layer;
  // Exact allocations, so that AddressSanitizer sees a single element too many.
  const std::vector<uint8_t> tensor(data + kHeader, data + size);
  std::vector<int16_t> weights(fuzzed.weights());
  std::vector<udc_npu_scale_record> records(static_cast<size_t>(layer.out_channels));
  udc_npu_error error{};
  const udc_npu_status status =
      udc_npu_decode_layer(&layer, tensor.data(), tensor.size(), weights.data(), weights.size(),
                           records.data(), records.size(), &error);
  if (status == UDC_NPU_CORRUPT_STREAM) {
    require(error.bit_position <= tensor.size() * 8 + 64);
  }
  if (status != UDC_NPU_OK) {
    return 0;
  }
  std::vector<int16_t> again(weights.size());
  require(udc_npu_decode_layer(&layer, tensor.data(), tensor.size(), again.data(), again.size(),
                               nullptr, 0, nullptr) == UDC_NPU_OK);
  require(again == weights);

  uint64_t bytes = 0;
  uint32_t ranges = 0;
  require(udc_npu_layer_size_bound(&layer, &bytes, &ranges, nullptr) == UDC_NPU_OK);
  std::vector<uint8_t> encoded(bytes);
  require(udc_npu_encode_layer(&layer, weights.data(), weights.size(), records.data(),
                               records.size(), UDC_NPU_EFFORT_FAST, encoded.data(), encoded.size(),
                               &bytes, nullptr, 0, nullptr, nullptr) == UDC_NPU_OK);
  require(udc_npu_decode_layer(&layer, encoded.data(), bytes, again.data(), again.size(), nullptr,
                               0, nullptr) == UDC_NPU_OK);
  require(again == weights);
  return 0;
}
