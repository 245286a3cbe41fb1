// Brick order: the order in which an NPU reads the weights of one stream.
#pragma once

#include <algorithm>
#include <cstdint>

#include "udc/npu/layer.h"

namespace udc::npu {

// Limits that keep every product of dimensions, padding included, far inside 64 bits.
inline constexpr int32_t kMaxChannels = 1 << 20;
inline constexpr int32_t kMaxKernel = 1 << 12;
inline constexpr uint64_t kMaxLayerWeights = uint64_t{1} << 31;
inline constexpr int kIfmUblockDepth = 8;  // of every accelerator

udc_npu_status checkBrick(const udc_npu_brick& brick, udc_npu_error* error);

inline uint64_t weightCount(const udc_npu_brick& brick) {
  return uint64_t(brick.out_channels) * uint64_t(brick.kernel_height) *
         uint64_t(brick.kernel_width) * uint64_t(brick.in_channels);
}

// Weights in brick order, padding included.
uint64_t brickCount(const udc_npu_brick& brick);

// Depth of the input blocks of one pass: weight stream format, section 13.3.
inline int32_t ifmBlockDepth(const udc_npu_brick& brick) {
  return brick.traversal == UDC_NPU_PART_KERNEL_FIRST || brick.ifm_bits == 16 ? 16 : 32;
}

// Kernel elements of a sub-kernel, padded to what a traversal reads at a time.
inline int32_t paddedElements(const udc_npu_brick& brick, int32_t elements) {
  int32_t multiple = 1;
  if (brick.traversal == UDC_NPU_DEPTHWISE_ORDER) {
    multiple = 4;
  } else if (brick.traversal == UDC_NPU_PART_KERNEL_FIRST) {
    multiple = brick.ifm_bits == 8 ? 4 : 2;
  }
  return (elements + multiple - 1) / multiple * multiple;
}

// Calls visit(o, y, x, i, valid, total) for every group of `total` consecutive input channels of
// one output channel in brick order. The first `valid` are weights (o, y, x, i), ..., the others
// are padding. The loops are numbered as in weight stream format, section 13.3.
template <typename Visit>
void forEachGroup(const udc_npu_brick& b, const Visit& visit) {
  const bool depthwise = b.traversal == UDC_NPU_DEPTHWISE_ORDER;
  const bool partKernel = b.traversal == UDC_NPU_PART_KERNEL_FIRST;
  const int32_t fullDepth = ifmBlockDepth(b);
  const int32_t inputs = depthwise ? 1 : b.in_channels;
  const int32_t group = depthwise ? 1 : kIfmUblockDepth;
  for (int32_t ob = 0; ob < b.out_channels; ob += b.ofm_block_depth) {  // 1
    const int32_t depth = std::min(b.ofm_block_depth, b.out_channels - ob);
    for (int32_t ib = 0; ib < inputs; ib += fullDepth) {  // 2
      const int32_t outerEnd = partKernel ? std::min(fullDepth, inputs - ib) : 1;
      const int32_t innerEnd = partKernel || depthwise ? 1 : fullDepth;
      for (int32_t sy = 0; sy < b.kernel_height; sy += b.sub_kernel_height) {  // 3
        const int32_t rows = std::min(b.sub_kernel_height, b.kernel_height - sy);
        for (int32_t sx = 0; sx < b.kernel_width; sx += b.sub_kernel_width) {  // 4
          const int32_t columns = std::min(b.sub_kernel_width, b.kernel_width - sx);
          const int32_t elements = paddedElements(b, rows * columns);
          for (int32_t iu = 0; iu < outerEnd; iu += kIfmUblockDepth) {    // 5
            for (int32_t ou = 0; ou < depth; ou += b.ofm_ublock_depth) {  // 6
              for (int32_t e = 0; e < elements; ++e) {                    // 7
                const int32_t y = e / columns;
                const int32_t x = sx + e % columns;
                for (int32_t iv = 0; iv < innerEnd; iv += kIfmUblockDepth) {  // 8
                  const int32_t i = ib + iu + iv;
                  const int32_t valid = y < rows ? std::clamp(inputs - i, 0, group) : 0;
                  for (int32_t a = 0; a < b.ofm_ublock_depth; ++a) {  // 9
                    const int32_t o = ob + ou + a;
                    visit(o, sy + y, x, i, o < b.out_channels ? valid : 0, group);  // 10
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

// A stream's weights inside an OHWI tensor: output channel o of the stream lies at o * stride.
template <typename T>
struct ChannelView {
  T* weights;
  uint64_t stride;
};

void reorder(const udc_npu_brick& brick, ChannelView<const int16_t> from, int16_t* to);

// False if padding is not zero.
bool restore(const udc_npu_brick& brick, const int16_t* from, ChannelView<int16_t> to);

}  // namespace udc::npu
