#include "common/status.h"
#include "layer/brick.h"
#include "layer/parts.h"

using namespace udc::npu;

namespace {

udc_npu_status checkCounts(const udc_npu_brick* brick, const void* from, uint64_t weight_count,
                           udc_npu_error* error) {
  if (brick == nullptr || from == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "brick or weights is null");
  }
  if (const udc_npu_status status = checkBrick(*brick, error); status != UDC_NPU_OK) {
    return status;
  }
  if (weight_count != weightCount(*brick)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%llu weights for a shape of %llu",
                static_cast<unsigned long long>(weight_count),
                static_cast<unsigned long long>(weightCount(*brick)));
  }
  return UDC_NPU_OK;
}

}  // namespace

extern "C" udc_npu_status udc_npu_layer_traversal(const udc_npu_layer* layer,
                                                  udc_npu_traversal* traversal,
                                                  udc_npu_error* error) {
  if (traversal == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "traversal is null");
  }
  return guarded(error, [&] {
    std::vector<LayerPart> parts;
    const udc_npu_status status = layerParts(layer, parts, error);
    if (status == UDC_NPU_OK) {
      *traversal = traversalOf(*layer);
    }
    return status;
  });
}

extern "C" udc_npu_status udc_npu_brick_count(const udc_npu_brick* brick, uint64_t* count,
                                              udc_npu_error* error) {
  if (brick == nullptr || count == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "brick or count is null");
  }
  const udc_npu_status status = checkBrick(*brick, error);
  if (status == UDC_NPU_OK) {
    *count = brickCount(*brick);
  }
  return status;
}

extern "C" udc_npu_status udc_npu_reorder_weights(const udc_npu_brick* brick,
                                                  const int16_t* weights, uint64_t weight_count,
                                                  int16_t* out, uint64_t capacity, uint64_t* count,
                                                  udc_npu_error* error) {
  if (count == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "count is null");
  }
  if (const udc_npu_status status = checkCounts(brick, weights, weight_count, error);
      status != UDC_NPU_OK) {
    return status;
  }
  *count = brickCount(*brick);
  if (out == nullptr || capacity < *count) {
    return fail(error, UDC_NPU_BUFFER_TOO_SMALL, "%llu weights in brick order, out holds %llu",
                static_cast<unsigned long long>(*count),
                static_cast<unsigned long long>(out == nullptr ? 0 : capacity));
  }
  const uint64_t stride = weight_count / static_cast<uint64_t>(brick->out_channels);
  reorder(*brick, {weights, stride}, out);
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_restore_weights(const udc_npu_brick* brick, const int16_t* bricks,
                                                  uint64_t brick_count, int16_t* weights,
                                                  uint64_t weight_count, udc_npu_error* error) {
  if (weights == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "weights is null");
  }
  if (const udc_npu_status status = checkCounts(brick, bricks, weight_count, error);
      status != UDC_NPU_OK) {
    return status;
  }
  if (brick_count != brickCount(*brick)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%llu weights in brick order, not %llu",
                static_cast<unsigned long long>(brick_count),
                static_cast<unsigned long long>(brickCount(*brick)));
  }
  const uint64_t stride = weight_count / static_cast<uint64_t>(brick->out_channels);
  if (!restore(*brick, bricks, {weights, stride})) {
    return fail(error, UDC_NPU_CORRUPT_STREAM, "the padding of the brick order is not zero");
  }
  return UDC_NPU_OK;
}
