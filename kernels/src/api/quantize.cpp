#include "api/checks.h"

using namespace udc::kernels;

namespace {

enum class Purpose { kForward, kBackward, kWorkspace };

Outcome check_weights(const udc_quantize_layer* layers, int64_t count, const Execution* execution,
                      Purpose purpose) {
  return check_tensors(
      layers, count, execution, [&](const udc_quantize_layer& layer, int64_t index) {
        Check check(index);
        check.shape(layer.channels, layer.per_channel, "channels", "per_channel");
        if (purpose == Purpose::kWorkspace) return check.outcome();
        const bool some = layer.channels > 0 && layer.per_channel > 0;
        const bool backward = purpose == Purpose::kBackward;
        return check.range(layer.bits, 2, 16, "bits")
            .range(layer.straight_through_mask, 0, 1, "straight_through_mask")
            .pointer(layer.weights, "weights", some)
            .pointer(layer.steps, "steps", some)
            .pointer(layer.quantized, "quantized", some && !backward)
            .pointer(layer.quantized_gradient, "quantized_gradient", some && backward)
            .pointer(layer.weight_gradient, "weight_gradient", some && backward)
            .outcome();
      });
}

Outcome check_activations(const udc_activation_tensor* tensors, int64_t count,
                          const Execution* execution, Purpose purpose) {
  return check_tensors(tensors, count, execution,
                       [&](const udc_activation_tensor& tensor, int64_t index) {
                         Check check(index);
                         check.shape(1, tensor.count, "rows", "count");
                         if (purpose == Purpose::kWorkspace) return check.outcome();
                         const bool some = tensor.count > 0;
                         const bool backward = purpose == Purpose::kBackward;
                         return check.range(tensor.quant_min, -32768, 32767, "quant_min")
                             .range(tensor.quant_max, tensor.quant_min, 32767, "quant_max")
                             .pointer(tensor.step, "step", some)
                             .pointer(tensor.input, "input", some)
                             .pointer(tensor.output, "output", some && !backward)
                             .pointer(tensor.output_gradient, "output_gradient", some && backward)
                             .pointer(tensor.input_gradient, "input_gradient", some && backward)
                             .outcome();
                       });
}

}  // namespace

udc_kernels_status udc_kernels_quantize_forward(const udc_quantize_layer* layers,
                                                int64_t layer_count,
                                                const udc_kernels_execution* execution,
                                                udc_kernels_error* error) {
  Outcome outcome = check_weights(layers, layer_count, execution, Purpose::kForward);
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).quantize_forward({layers, layer_count}, *execution);
    });
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_quantize_backward_workspace(const udc_quantize_layer* layers,
                                                           int64_t layer_count,
                                                           const udc_kernels_execution* execution,
                                                           int64_t* bytes,
                                                           udc_kernels_error* error) {
  Outcome outcome = check_weights(layers, layer_count, execution, Purpose::kWorkspace);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) {
    *bytes = backend_of(*execution).quantize_backward_workspace({layers, layer_count});
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_quantize_backward(const udc_quantize_layer* layers,
                                                 int64_t layer_count,
                                                 const udc_kernels_execution* execution,
                                                 udc_kernels_error* error) {
  Outcome outcome = check_weights(layers, layer_count, execution, Purpose::kBackward);
  if (!outcome.failed()) {
    const QuantizeLayers tensors = {layers, layer_count};
    const Backend& backend = backend_of(*execution);
    outcome = check_workspace(*execution, backend.quantize_backward_workspace(tensors));
    if (!outcome.failed()) {
      outcome = run_guarded([&] { return backend.quantize_backward(tensors, *execution); });
    }
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_activation_forward(const udc_activation_tensor* tensors,
                                                  int64_t tensor_count,
                                                  const udc_kernels_execution* execution,
                                                  udc_kernels_error* error) {
  Outcome outcome = check_activations(tensors, tensor_count, execution, Purpose::kForward);
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).activation_forward({tensors, tensor_count}, *execution);
    });
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_activation_backward_workspace(const udc_activation_tensor* tensors,
                                                             int64_t tensor_count,
                                                             const udc_kernels_execution* execution,
                                                             int64_t* bytes,
                                                             udc_kernels_error* error) {
  Outcome outcome = check_activations(tensors, tensor_count, execution, Purpose::kWorkspace);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) {
    *bytes = backend_of(*execution).activation_backward_workspace({tensors, tensor_count});
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_activation_backward(const udc_activation_tensor* tensors,
                                                   int64_t tensor_count,
                                                   const udc_kernels_execution* execution,
                                                   udc_kernels_error* error) {
  Outcome outcome = check_activations(tensors, tensor_count, execution, Purpose::kBackward);
  if (!outcome.failed()) {
    const ActivationTensors all = {tensors, tensor_count};
    const Backend& backend = backend_of(*execution);
    outcome = check_workspace(*execution, backend.activation_backward_workspace(all));
    if (!outcome.failed()) {
      outcome = run_guarded([&] { return backend.activation_backward(all, *execution); });
    }
  }
  return outcome.report(error);
}
