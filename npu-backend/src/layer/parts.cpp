#include "layer/parts.h"

#include "common/accelerator.h"
#include "common/status.h"

namespace udc::npu {
namespace {

// Weight stream format, section 13.2: part-kernel-first pays for few input channels, or where
// depth-first order would waste more of its reads.
bool prefersPartKernel(const udc_npu_layer& layer) {
  if (layer.in_channels <= 8) {
    return true;
  }
  const auto up = [](double value, double multiple) {
    return static_cast<double>(static_cast<int64_t>((value + multiple - 1) / multiple)) * multiple;
  };
  const double inputs = layer.in_channels;
  const double elements = double(layer.kernel_height) * double(layer.kernel_width);
  const double elementStep = layer.ifm_bits == 8 ? 4 : 2;
  const double inputStep = layer.ifm_bits == 8 ? 32 : 16;
  return inputs / up(inputs, 8) * (elements / up(elements, elementStep)) >=
         inputs / up(inputs, inputStep);
}

udc_npu_brick layerBrick(const udc_npu_layer& layer, const udc_npu_accelerator_info& hardware) {
  udc_npu_brick brick{};
  brick.out_channels = layer.out_channels;
  brick.kernel_height = layer.kernel_height;
  brick.kernel_width = layer.kernel_width;
  brick.in_channels = layer.in_channels;
  brick.traversal = traversalOf(layer);
  brick.ofm_block_depth = layer.ofm_block_depth;
  brick.ofm_ublock_depth = hardware.ofm_ublock.depth;
  brick.ifm_bits = layer.ifm_bits;
  brick.sub_kernel_height = 8 / layer.dilation_y;
  brick.sub_kernel_width = 8 / layer.dilation_x;
  return brick;
}

udc_npu_status checkLayer(const udc_npu_layer& layer, udc_npu_error* error) {
  const auto invalid = [&](const char* reason) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%s", reason);
  };
  if (layer.kind < UDC_NPU_LAYER_CONV || layer.kind > UDC_NPU_LAYER_DENSE) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no layer kind %d",
                static_cast<int>(layer.kind));
  }
  if (layer.dilation_y < 1 || layer.dilation_y > 2 || layer.dilation_x < 1 ||
      layer.dilation_x > 2) {
    return invalid("the dilation is neither 1 nor 2");
  }
  if (layer.kind == UDC_NPU_LAYER_DENSE && (layer.kernel_height != 1 || layer.kernel_width != 1)) {
    return invalid("a fully connected layer has a kernel of 1 x 1");
  }
  const uint32_t boundaries = layer.depth_slice_count;
  if (boundaries != 0 && layer.depth_slices == nullptr) {
    return invalid("depth_slices is null");
  }
  if (boundaries != 0 && (boundaries < 2 || layer.depth_slices[0] != 0 ||
                          layer.depth_slices[boundaries - 1] != layer.out_channels)) {
    return invalid("the depth slices do not reach from 0 to out_channels");
  }
  for (uint32_t i = 1; i < boundaries; ++i) {
    if (layer.depth_slices[i] <= layer.depth_slices[i - 1]) {
      return invalid("the depth slices do not rise");
    }
  }
  return UDC_NPU_OK;
}

}  // namespace

udc_npu_traversal traversalOf(const udc_npu_layer& layer) {
  switch (layer.kind) {
    case UDC_NPU_LAYER_DEPTHWISE:
      return UDC_NPU_DEPTHWISE_ORDER;
    case UDC_NPU_LAYER_DENSE:
      return UDC_NPU_DEPTH_FIRST;
    default:
      return prefersPartKernel(layer) ? UDC_NPU_PART_KERNEL_FIRST : UDC_NPU_DEPTH_FIRST;
  }
}

// Weight stream format, sections 13.4 and 13.5.
udc_npu_status layerParts(const udc_npu_layer* layer, std::vector<LayerPart>& parts,
                          udc_npu_error* error) {
  parts.clear();
  if (layer == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "layer is null");
  }
  const udc_npu_accelerator_info* hardware = findAccelerator(layer->accelerator);
  if (hardware == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no accelerator %d",
                static_cast<int>(layer->accelerator));
  }
  if (const udc_npu_status status = checkLayer(*layer, error); status != UDC_NPU_OK) {
    return status;
  }
  const udc_npu_brick whole = layerBrick(*layer, *hardware);
  if (const udc_npu_status status = checkBrick(whole, error); status != UDC_NPU_OK) {
    return status;
  }
  const int32_t single[] = {0, layer->out_channels};
  const int32_t* slices = layer->depth_slice_count != 0 ? layer->depth_slices : single;
  const uint32_t sliceCount = layer->depth_slice_count != 0 ? layer->depth_slice_count - 1 : 1;
  const int32_t cores = hardware->cores;
  for (uint32_t s = 0; s < sliceCount; ++s) {
    for (int32_t core = 0; core < cores; ++core) {
      LayerPart part{core, slices[s] + core, cores, whole};
      part.brick.ofm_block_depth = (layer->ofm_block_depth + cores - 1 - core) / cores;
      part.brick.out_channels = (slices[s + 1] - slices[s] + cores - 1 - core) / cores;
      if (part.brick.ofm_block_depth > 0 && part.brick.out_channels > 0) {
        parts.push_back(part);
      }
    }
  }
  return UDC_NPU_OK;
}

}  // namespace udc::npu
