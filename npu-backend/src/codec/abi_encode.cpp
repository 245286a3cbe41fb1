#include <cmath>

#include "codec/planner.h"
#include "codec/stats.h"
#include "codec/writer.h"
#include "common/status.h"
#include "udc/npu/weight_stream.h"

using namespace udc::npu;

namespace {

template <typename T>
udc_npu_status checkInput(const T* weights, uint64_t count, udc_npu_error* error) {
  if (weights == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weights is null");
  }
  if (count == 0) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "a weight stream holds at least one weight");
  }
  // Zero runs are kept in 32 bits.
  if (count > UINT32_MAX) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "more than 2^32 - 1 weights in one stream");
  }
  uint64_t bad = 0;
  if (!checkWeights(Span<const T>(weights, count), bad)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weight %llu is %d, not in -255..255",
                static_cast<unsigned long long>(bad), static_cast<int>(weights[bad]));
  }
  return UDC_NPU_OK;
}

udc_npu_status checkEffort(udc_npu_effort effort, udc_npu_error* error) {
  if (effort != UDC_NPU_EFFORT_FAST && effort != UDC_NPU_EFFORT_BEST) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no effort %d", static_cast<int>(effort));
  }
  return UDC_NPU_OK;
}

template <typename T>
StreamPlan plan(Span<const T> weights, udc_npu_effort effort) {
  return effort == UDC_NPU_EFFORT_FAST ? planFast(weights) : planBest(weights);
}

template <typename T>
udc_npu_status encodedSize(const T* weights, uint64_t count, udc_npu_effort effort, uint64_t* size,
                           udc_npu_error* error) {
  if (size == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "size is null");
  }
  udc_npu_status status = checkEffort(effort, error);
  if (status == UDC_NPU_OK) {
    status = checkInput(weights, count, error);
  }
  if (status != UDC_NPU_OK) {
    return status;
  }
  return guarded(error, [&] {
    *size = plan(Span<const T>(weights, count), effort).bytes();
    return UDC_NPU_OK;
  });
}

}  // namespace

extern "C" uint64_t udc_npu_encoded_size_bound(uint64_t count) {
  if (count == 0) {
    return 0;
  }
  // One section. In a single slice of all weights its palette takes no more bits than none with
  // uncompressed 9-bit symbols; fill adds at most a chunk for every further slice.
  const uint64_t slices = (count + kMaxSliceSymbols - 1) / kMaxSliceSymbols;
  const uint64_t fill = (slices - 1) * kPositionsPerChunk;
  const uint64_t bits = kPaletteHeaderBits + slices * kSliceHeaderBits + fill + 9 * count + 3;
  return roundUp((bits + 7) / 8, kStreamAlignment);
}

extern "C" udc_npu_status udc_npu_encode_weights(const int16_t* weights, uint64_t count,
                                                 udc_npu_effort effort, uint8_t* out,
                                                 uint64_t capacity, uint64_t* size,
                                                 udc_npu_error* error) {
  if (size == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "size is null");
  }
  udc_npu_status status = checkEffort(effort, error);
  if (status == UDC_NPU_OK) {
    status = checkInput(weights, count, error);
  }
  if (status != UDC_NPU_OK) {
    return status;
  }
  return guarded(error, [&] {
    const Span<const int16_t> input(weights, count);
    const StreamPlan stream = plan(input, effort);
    *size = stream.bytes();
    if (out == nullptr || capacity < *size) {
      return fail(error, UDC_NPU_BUFFER_TOO_SMALL, "the stream takes %llu bytes, out holds %llu",
                  static_cast<unsigned long long>(*size),
                  static_cast<unsigned long long>(out == nullptr ? 0 : capacity));
    }
    writeStream(input, stream, out);
    return UDC_NPU_OK;
  });
}

extern "C" udc_npu_status udc_npu_encoded_size(const int16_t* weights, uint64_t count,
                                               udc_npu_effort effort, uint64_t* size,
                                               udc_npu_error* error) {
  return encodedSize(weights, count, effort, size, error);
}

extern "C" udc_npu_status udc_npu_encoded_size_int8(const int8_t* weights, uint64_t count,
                                                    udc_npu_effort effort, uint64_t* size,
                                                    udc_npu_error* error) {
  return encodedSize(weights, count, effort, size, error);
}

extern "C" udc_npu_status udc_npu_encoded_sizes(const udc_npu_weights* arrays, uint64_t array_count,
                                                udc_npu_effort effort, uint64_t* sizes,
                                                udc_npu_error* error) {
  if (array_count != 0 && (arrays == nullptr || sizes == nullptr)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "arrays or sizes is null");
  }
  for (uint64_t i = 0; i < array_count; ++i) {
    udc_npu_error inner{};
    const udc_npu_status status =
        encodedSize(arrays[i].weights, arrays[i].count, effort, &sizes[i], &inner);
    if (status != UDC_NPU_OK) {
      return fail(error, status, "array %llu: %.200s", static_cast<unsigned long long>(i),
                  inner.message);
    }
  }
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_weight_entropy(const int16_t* weights, uint64_t count,
                                                 double* bits_per_weight, udc_npu_error* error) {
  if (bits_per_weight == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "bits_per_weight is null");
  }
  if (const udc_npu_status status = checkInput(weights, count, error); status != UDC_NPU_OK) {
    return status;
  }
  Stats stats;
  addDense(Span<const int16_t>(weights, count), stats);
  double entropy = 0;
  for (const uint32_t occurrences : stats.counts) {
    if (occurrences != 0) {
      const double share = static_cast<double>(occurrences) / static_cast<double>(count);
      entropy -= share * std::log2(share);
    }
  }
  *bits_per_weight = entropy + 0.0;  // never -0
  return UDC_NPU_OK;
}
