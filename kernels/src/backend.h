// What the CPU and the CUDA implementation each provide. Arguments have been checked before.
#ifndef UDC_KERNELS_BACKEND_H
#define UDC_KERNELS_BACKEND_H

#include "udc/kernels.h"

namespace udc::kernels {

template <typename Tensor>
struct Tensors {
  const Tensor* data;
  int64_t count;

  const Tensor& operator[](int64_t index) const { return data[index]; }
  const Tensor* begin() const { return data; }
  const Tensor* end() const { return data + count; }
};

using MixLayers = Tensors<udc_mix_layer>;
using ThresholdLayers = Tensors<udc_threshold_layer>;
using MaskLayers = Tensors<udc_mask_layer>;
using QuantizeLayers = Tensors<udc_quantize_layer>;
using ActivationTensors = Tensors<udc_activation_tensor>;
using NormalizeLayers = Tensors<udc_normalize_layer>;
using Options = udc_mix_options;
using Execution = udc_kernels_execution;

// A NULL return is success; else it is a message that outlives the call (CUDA's error strings).
using Failure = const char*;

struct Backend {
  int32_t abi;  // kBackendAbi of the sources it was built from

  int64_t (*mix_backward_workspace)(MixLayers, const Options&);
  int64_t (*thresholds_workspace)(ThresholdLayers, int32_t sparsity_options);
  int64_t (*quantize_backward_workspace)(QuantizeLayers);
  int64_t (*activation_backward_workspace)(ActivationTensors);

  Failure (*mix_forward)(MixLayers, const Options&, const Execution&);
  Failure (*mix_backward)(MixLayers, const Options&, const Execution&);
  Failure (*thresholds)(ThresholdLayers, int32_t sparsity_options, const Execution&);
  Failure (*make_masks)(MaskLayers, const Execution&);
  Failure (*apply_masks)(MaskLayers, const Execution&);
  Failure (*quantize_forward)(QuantizeLayers, const Execution&);
  Failure (*quantize_backward)(QuantizeLayers, const Execution&);
  Failure (*activation_forward)(ActivationTensors, const Execution&);
  Failure (*activation_backward)(ActivationTensors, const Execution&);
  Failure (*normalize_channels)(NormalizeLayers, const Execution&);
};

// Changes with any of the structs above or in udc/kernels.h: an older CUDA library is then refused.
constexpr int32_t kBackendAbi = 1;

const Backend& cpu_backend();

// The k of udc_threshold_layer.
inline int64_t survivors(double sparsity, int64_t count) {
  const double pruned = sparsity * static_cast<double>(count) + 0.5;
  const int64_t whole = static_cast<int64_t>(pruned);
  return count - (whole > count ? count : whole);
}

}  // namespace udc::kernels

#endif  // UDC_KERNELS_BACKEND_H
