// Fuzz target: any bytes, decoded twice, must give the same status and count and touch nothing
// outside the buffers. Seed it with the reference streams.
#include <cstdlib>
#include <vector>

#include "udc/npu/weight_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kLimit = 1 << 20;
  uint64_t counted = 0;
  udc_npu_error error;
  const udc_npu_status first =
      udc_npu_decode_weights(data, size, nullptr, kLimit, &counted, &error);
  if (first != UDC_NPU_OK && error.bit_position > size * 8 + 64) {
    std::abort();
  }
  // An exact allocation, so that AddressSanitizer sees a single weight too many.
  std::vector<int16_t> weights(counted);
  uint64_t decoded = 0;
  const udc_npu_status second =
      udc_npu_decode_weights(data, size, weights.data(), weights.size(), &decoded, nullptr);
  if (first == UDC_NPU_OK && (second != UDC_NPU_OK || decoded != counted)) {
    std::abort();
  }
  return 0;
}
