#include <algorithm>
#include <vector>

#include "codec/cost.h"
#include "codec/decoder.h"
#include "common/status.h"
#include "layer/brick.h"
#include "layer/parts.h"
#include "udc/npu/layer.h"

using namespace udc::npu;

namespace {

constexpr uint64_t kRecordBytes = UDC_NPU_SCALE_RECORD_BYTES;

uint64_t paddedRecordBytes(const LayerPart& part) {
  return roundUp(part.channels() * kRecordBytes, kStreamAlignment);
}

// The channels of a part inside the layer's OHWI tensor.
template <typename T>
ChannelView<T> channelsOf(const LayerPart& part, T* weights) {
  const uint64_t channel = weightCount(part.brick) / part.channels();
  return {weights + static_cast<uint64_t>(part.firstChannel) * channel,
          static_cast<uint64_t>(part.channelStep) * channel};
}

uint64_t layerWeights(const udc_npu_layer& layer, const LayerPart& part) {
  return weightCount(part.brick) / part.channels() * static_cast<uint64_t>(layer.out_channels);
}

udc_npu_status checkCounts(const udc_npu_layer& layer, const LayerPart& part, uint64_t weight_count,
                           bool hasRecords, uint64_t record_count, udc_npu_error* error) {
  const uint64_t expected = layerWeights(layer, part);
  if (weight_count != expected) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%llu weights for a layer of %llu",
                static_cast<unsigned long long>(weight_count),
                static_cast<unsigned long long>(expected));
  }
  if (hasRecords && record_count != static_cast<uint64_t>(layer.out_channels)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%llu records for %d output channels",
                static_cast<unsigned long long>(record_count), layer.out_channels);
  }
  return UDC_NPU_OK;
}

// Packs a part's records and zeroes their padding.
udc_npu_status packRecords(const LayerPart& part, const udc_npu_scale_record* records, uint8_t* out,
                           udc_npu_error* error) {
  std::fill_n(out, paddedRecordBytes(part), uint8_t{0});
  if (records == nullptr) {
    return UDC_NPU_OK;
  }
  for (uint64_t i = 0; i < part.channels(); ++i) {
    const uint64_t channel =
        static_cast<uint64_t>(part.firstChannel) + i * static_cast<uint64_t>(part.channelStep);
    const udc_npu_status status =
        udc_npu_pack_scale_record(&records[channel], out + i * kRecordBytes, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
  }
  return UDC_NPU_OK;
}

// Collects the places of the parts for the caller.
class RangeList {
 public:
  RangeList(udc_npu_layer_range* ranges, uint32_t capacity, uint32_t* count)
      : ranges_(ranges), capacity_(ranges == nullptr ? 0 : capacity), count_(count) {}

  void add(const LayerPart& part, uint64_t offset, uint64_t streamBytes) {
    if (used_ < capacity_) {
      ranges_[used_] = {part.core,
                        part.firstChannel,
                        part.brick.out_channels,
                        offset,
                        part.channels() * kRecordBytes,
                        streamBytes};
    }
    ++used_;
    if (count_ != nullptr) {
      *count_ = used_;
    }
  }

  udc_npu_status status(udc_npu_error* error) const {
    return ranges_ != nullptr && used_ > capacity_
               ? fail(error, UDC_NPU_BUFFER_TOO_SMALL, "%u ranges, room for %u", used_, capacity_)
               : UDC_NPU_OK;
  }

 private:
  udc_npu_layer_range* ranges_;
  uint32_t capacity_;
  uint32_t* count_;
  uint32_t used_ = 0;
};

}  // namespace

extern "C" udc_npu_status udc_npu_layer_size_bound(const udc_npu_layer* layer, uint64_t* bytes,
                                                   uint32_t* ranges, udc_npu_error* error) {
  if (bytes == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "bytes is null");
  }
  return guarded(error, [&] {
    std::vector<LayerPart> parts;
    if (const udc_npu_status status = layerParts(layer, parts, error); status != UDC_NPU_OK) {
      return status;
    }
    *bytes = 0;
    for (const LayerPart& part : parts) {
      *bytes += paddedRecordBytes(part) + udc_npu_encoded_size_bound(brickCount(part.brick));
    }
    if (ranges != nullptr) {
      *ranges = static_cast<uint32_t>(parts.size());
    }
    return UDC_NPU_OK;
  });
}

extern "C" udc_npu_status udc_npu_encode_layer(const udc_npu_layer* layer, const int16_t* weights,
                                               uint64_t weight_count,
                                               const udc_npu_scale_record* records,
                                               uint64_t record_count, udc_npu_effort effort,
                                               uint8_t* out, uint64_t capacity, uint64_t* size,
                                               udc_npu_layer_range* ranges, uint32_t range_capacity,
                                               uint32_t* range_count, udc_npu_error* error) {
  if (size == nullptr || weights == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weights or size is null");
  }
  return guarded(error, [&] {
    std::vector<LayerPart> parts;
    udc_npu_status status = layerParts(layer, parts, error);
    if (status == UDC_NPU_OK) {
      status = checkCounts(*layer, parts[0], weight_count, records != nullptr, record_count, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    RangeList list(ranges, range_capacity, range_count);
    std::vector<int16_t> bricks;
    uint64_t used = 0;
    for (const LayerPart& part : parts) {
      bricks.resize(brickCount(part.brick));
      reorder(part.brick, channelsOf(part, weights), bricks.data());
      const uint64_t recordBytes = paddedRecordBytes(part);
      const uint64_t start = used + recordBytes;
      const bool fits = out != nullptr && start <= capacity;
      if (fits) {
        status = packRecords(part, records, out + used, error);
        if (status != UDC_NPU_OK) {
          return status;
        }
      }
      // What does not fit is sized all the same, so that the caller learns the whole size.
      uint64_t streamBytes = 0;
      status =
          udc_npu_encode_weights(bricks.data(), bricks.size(), effort, fits ? out + start : nullptr,
                                 fits ? capacity - start : 0, &streamBytes, error);
      if (status != UDC_NPU_OK && status != UDC_NPU_BUFFER_TOO_SMALL) {
        return status;
      }
      list.add(part, used, streamBytes);
      used = start + streamBytes;
    }
    *size = used;
    if (out == nullptr || used > capacity) {
      return fail(error, UDC_NPU_BUFFER_TOO_SMALL, "the tensor takes %llu bytes, out holds %llu",
                  static_cast<unsigned long long>(used),
                  static_cast<unsigned long long>(out == nullptr ? 0 : capacity));
    }
    return list.status(error);
  });
}

extern "C" udc_npu_status udc_npu_layer_encoded_size(const udc_npu_layer* layer,
                                                     const int16_t* weights, uint64_t weight_count,
                                                     udc_npu_effort effort, uint64_t* size,
                                                     udc_npu_layer_range* ranges,
                                                     uint32_t range_capacity, uint32_t* range_count,
                                                     udc_npu_error* error) {
  if (size == nullptr || weights == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weights or size is null");
  }
  return guarded(error, [&] {
    std::vector<LayerPart> parts;
    udc_npu_status status = layerParts(layer, parts, error);
    if (status == UDC_NPU_OK) {
      status = checkCounts(*layer, parts[0], weight_count, false, 0, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    RangeList list(ranges, range_capacity, range_count);
    std::vector<int16_t> bricks;
    uint64_t used = 0;
    for (const LayerPart& part : parts) {
      bricks.resize(brickCount(part.brick));
      reorder(part.brick, channelsOf(part, weights), bricks.data());
      uint64_t streamBytes = 0;
      status = udc_npu_encoded_size(bricks.data(), bricks.size(), effort, &streamBytes, error);
      if (status != UDC_NPU_OK) {
        return status;
      }
      list.add(part, used, streamBytes);
      used += paddedRecordBytes(part) + streamBytes;
    }
    *size = used;
    return list.status(error);
  });
}

extern "C" udc_npu_status udc_npu_decode_layer(const udc_npu_layer* layer, const uint8_t* tensor,
                                               uint64_t size, int16_t* weights,
                                               uint64_t weight_count, udc_npu_scale_record* records,
                                               uint64_t record_count, udc_npu_error* error) {
  if (tensor == nullptr || weights == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "tensor or weights is null");
  }
  return guarded(error, [&] {
    std::vector<LayerPart> parts;
    udc_npu_status status = layerParts(layer, parts, error);
    if (status == UDC_NPU_OK) {
      status = checkCounts(*layer, parts[0], weight_count, records != nullptr, record_count, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    std::vector<int16_t> bricks;
    uint64_t used = 0;
    for (const LayerPart& part : parts) {
      const uint64_t recordBytes = paddedRecordBytes(part);
      if (size - used < recordBytes) {
        return failAt(error, UDC_NPU_CORRUPT_STREAM, size * 8,
                      "the tensor ends inside the scale records");
      }
      for (uint64_t i = 0; i < part.channels() && records != nullptr; ++i) {
        const uint64_t channel =
            static_cast<uint64_t>(part.firstChannel) + i * static_cast<uint64_t>(part.channelStep);
        const uint64_t at = used + i * kRecordBytes;
        status = udc_npu_unpack_scale_record(tensor + at, &records[channel], error);
        if (status != UDC_NPU_OK) {
          return failAt(error, status, at * 8, "a scale record's shift is not in 0..63");
        }
      }
      used += recordBytes;
      bricks.resize(brickCount(part.brick));
      uint64_t consumed = 0;
      status = decodeExactly({tensor + used, size - used}, {bricks.data(), bricks.size()}, consumed,
                             error);
      if (status != UDC_NPU_OK) {
        if (error != nullptr) {
          error->bit_position += used * 8;
        }
        return status;
      }
      if (!restore(part.brick, bricks.data(), channelsOf(part, weights))) {
        return failAt(error, UDC_NPU_CORRUPT_STREAM, used * 8,
                      "the padding of the brick order is not zero");
      }
      used += roundUp(consumed, kStreamAlignment);
      if (used > size) {
        return failAt(error, UDC_NPU_CORRUPT_STREAM, size * 8,
                      "the tensor ends inside a stream's padding");
      }
    }
    if (used != size) {
      return failAt(error, UDC_NPU_CORRUPT_STREAM, used * 8,
                    "%llu bytes follow the layer's last stream",
                    static_cast<unsigned long long>(size - used));
    }
    return UDC_NPU_OK;
  });
}
