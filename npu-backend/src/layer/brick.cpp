#include "layer/brick.h"

#include "common/status.h"

namespace udc::npu {
namespace {

// Of weight (o, y, x, i) in its tensor.
template <typename T>
T* address(const udc_npu_brick& b, const ChannelView<T>& view, int32_t o, int32_t y, int32_t x,
           int32_t i) {
  const int64_t pixel = int64_t{y} * b.kernel_width + x;
  return view.weights + uint64_t(o) * view.stride + uint64_t(pixel * b.in_channels + i);
}

bool inRange(int32_t value, int32_t low, int32_t high) { return value >= low && value <= high; }

}  // namespace

udc_npu_status checkBrick(const udc_npu_brick& b, udc_npu_error* error) {
  if (!inRange(b.out_channels, 1, kMaxChannels) || !inRange(b.in_channels, 1, kMaxChannels) ||
      !inRange(b.kernel_height, 1, kMaxKernel) || !inRange(b.kernel_width, 1, kMaxKernel)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "no weights of shape %d x %d x %d x %d (OHWI)",
                b.out_channels, b.kernel_height, b.kernel_width, b.in_channels);
  }
  if (!inRange(b.traversal, UDC_NPU_DEPTH_FIRST, UDC_NPU_DEPTHWISE_ORDER)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no traversal %d",
                static_cast<int>(b.traversal));
  }
  if (b.traversal == UDC_NPU_DEPTHWISE_ORDER && b.in_channels != 1) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "a depthwise layer has in_channels 1, not %d",
                b.in_channels);
  }
  if (!inRange(b.ofm_block_depth, 1, kMaxChannels)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "ofm_block_depth is %d", b.ofm_block_depth);
  }
  if (b.ofm_ublock_depth != 4 && b.ofm_ublock_depth != 8) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "ofm_ublock_depth is %d, neither 4 nor 8",
                b.ofm_ublock_depth);
  }
  if (b.ifm_bits != 8 && b.ifm_bits != 16) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "ifm_bits is %d, neither 8 nor 16", b.ifm_bits);
  }
  if (!inRange(b.sub_kernel_height, 1, 8) || !inRange(b.sub_kernel_width, 1, 8)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "the sub-kernel is %d x %d, not 1..8 each",
                b.sub_kernel_height, b.sub_kernel_width);
  }
  const double pixels = double(b.kernel_height) * double(b.kernel_width);
  if (double(b.out_channels) * pixels * double(b.in_channels) > double(kMaxLayerWeights) ||
      brickCount(b) > kMaxLayerWeights) {
    return fail(error, UDC_NPU_UNSUPPORTED, "more than 2^31 weights in one layer");
  }
  return UDC_NPU_OK;
}

uint64_t brickCount(const udc_npu_brick& b) {
  const bool depthwise = b.traversal == UDC_NPU_DEPTHWISE_ORDER;
  const bool partKernel = b.traversal == UDC_NPU_PART_KERNEL_FIRST;
  const auto up = [](uint64_t value, uint64_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
  };
  const uint64_t ublock = uint64_t(b.ofm_ublock_depth);
  const uint64_t blockDepth = uint64_t(b.ofm_block_depth);
  const uint64_t channels = uint64_t(b.out_channels);
  const uint64_t outputs =
      channels / blockDepth * up(blockDepth, ublock) + up(channels % blockDepth, ublock);
  uint64_t elements = 0;
  for (int32_t sy = 0; sy < b.kernel_height; sy += b.sub_kernel_height) {
    const int32_t rows = std::min(b.sub_kernel_height, b.kernel_height - sy);
    for (int32_t sx = 0; sx < b.kernel_width; sx += b.sub_kernel_width) {
      const int32_t columns = std::min(b.sub_kernel_width, b.kernel_width - sx);
      elements += uint64_t(paddedElements(b, rows * columns));
    }
  }
  // Part-kernel order pads the input channels to the micro-block, depth-first order to the block.
  const uint64_t inputs =
      depthwise ? 1
                : up(uint64_t(b.in_channels),
                     partKernel ? uint64_t{kIfmUblockDepth} : uint64_t(ifmBlockDepth(b)));
  return outputs * elements * inputs;
}

void reorder(const udc_npu_brick& brick, ChannelView<const int16_t> from, int16_t* to) {
  forEachGroup(brick,
               [&](int32_t o, int32_t y, int32_t x, int32_t i, int32_t valid, int32_t total) {
                 if (valid > 0) {
                   std::copy_n(address(brick, from, o, y, x, i), valid, to);
                 }
                 std::fill(to + valid, to + total, int16_t{0});
                 to += total;
               });
}

bool restore(const udc_npu_brick& brick, const int16_t* from, ChannelView<int16_t> to) {
  bool clean = true;
  forEachGroup(brick, [&](int32_t o, int32_t y, int32_t x, int32_t i, int32_t valid,
                          int32_t total) {
    if (valid > 0) {
      std::copy_n(from, valid, address(brick, to, o, y, x, i));
    }
    clean &= std::all_of(from + valid, from + total, [](int16_t weight) { return weight == 0; });
    from += total;
  });
  return clean;
}

}  // namespace udc::npu
