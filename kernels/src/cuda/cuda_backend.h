// The CUDA implementation, one function per kernel; see backend.h.
#ifndef UDC_KERNELS_CUDA_CUDA_BACKEND_H
#define UDC_KERNELS_CUDA_CUDA_BACKEND_H

#include "backend.h"

namespace udc::kernels::cuda {

int64_t mix_backward_workspace(MixLayers layers, const Options& options);
int64_t thresholds_workspace(ThresholdLayers layers, int32_t sparsity_options);
int64_t quantize_backward_workspace(QuantizeLayers layers);
int64_t activation_backward_workspace(ActivationTensors tensors);

Failure mix_forward(MixLayers layers, const Options& options, const Execution& execution);
Failure mix_backward(MixLayers layers, const Options& options, const Execution& execution);
Failure thresholds(ThresholdLayers layers, int32_t sparsity_options, const Execution& execution);
Failure make_masks(MaskLayers layers, const Execution& execution);
Failure apply_masks(MaskLayers layers, const Execution& execution);
Failure quantize_forward(QuantizeLayers layers, const Execution& execution);
Failure quantize_backward(QuantizeLayers layers, const Execution& execution);
Failure activation_forward(ActivationTensors tensors, const Execution& execution);
Failure activation_backward(ActivationTensors tensors, const Execution& execution);
Failure normalize_channels(NormalizeLayers layers, const Execution& execution);

}  // namespace udc::kernels::cuda

#endif  // UDC_KERNELS_CUDA_CUDA_BACKEND_H
