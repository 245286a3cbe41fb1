#include "api/checks.h"

namespace udc::kernels {
namespace {

Outcome check_options(const Options* options) {
  Check check;
  check.pointer(options, "options");
  if (check.outcome().failed()) return check.outcome();
  check.range(options->bit_options, 1, UDC_KERNELS_MAX_OPTIONS, "bit_options")
      .range(options->sparsity_options, 1, UDC_KERNELS_MAX_OPTIONS, "sparsity_options")
      .range(options->straight_through_mask, 0, 1, "straight_through_mask");
  for (int b = 0; b < options->bit_options && !check.outcome().failed(); b++) {
    check.range(options->bit_widths[b], 2, 16, "bit_widths");
  }
  return check.outcome();
}

enum class Purpose { kForward, kBackward, kWorkspace };

Outcome check_layer(const udc_mix_layer& layer, int64_t index, Purpose purpose) {
  Check check(index);
  check.shape(layer.channels, layer.per_channel, "channels", "per_channel");
  if (purpose == Purpose::kWorkspace || check.outcome().failed()) return check.outcome();
  if (layer.channels == 0 || layer.per_channel == 0) return check.outcome();
  const bool backward = purpose == Purpose::kBackward;
  return check.pointer(layer.weights, "weights")
      .pointer(layer.steps, "steps")
      .pointer(layer.bit_probabilities, "bit_probabilities")
      .pointer(layer.sparsity_probabilities, "sparsity_probabilities")
      .pointer(layer.thresholds, "thresholds")
      .pointer(layer.tie_limits, "tie_limits")
      .pointer(layer.mixed, "mixed", !backward)
      .pointer(layer.mixed_gradient, "mixed_gradient", backward)
      .pointer(layer.weight_gradient, "weight_gradient", backward)
      .outcome();
}

Outcome check_call(const udc_mix_layer* layers, int64_t count, const Options* options,
                   const Execution* execution, Purpose purpose) {
  const Outcome outcome = check_options(options);
  if (outcome.failed()) return outcome;
  return check_tensors(layers, count, execution, [&](const udc_mix_layer& layer, int64_t index) {
    return check_layer(layer, index, purpose);
  });
}

}  // namespace
}  // namespace udc::kernels

using namespace udc::kernels;

udc_kernels_status udc_kernels_mix_forward(const udc_mix_layer* layers, int64_t layer_count,
                                           const udc_mix_options* options,
                                           const udc_kernels_execution* execution,
                                           udc_kernels_error* error) {
  Outcome outcome = check_call(layers, layer_count, options, execution, Purpose::kForward);
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).mix_forward({layers, layer_count}, *options, *execution);
    });
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_mix_backward_workspace(const udc_mix_layer* layers,
                                                      int64_t layer_count,
                                                      const udc_mix_options* options,
                                                      const udc_kernels_execution* execution,
                                                      int64_t* bytes, udc_kernels_error* error) {
  Outcome outcome = check_call(layers, layer_count, options, execution, Purpose::kWorkspace);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) {
    *bytes = backend_of(*execution).mix_backward_workspace({layers, layer_count}, *options);
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_mix_backward(const udc_mix_layer* layers, int64_t layer_count,
                                            const udc_mix_options* options,
                                            const udc_kernels_execution* execution,
                                            udc_kernels_error* error) {
  Outcome outcome = check_call(layers, layer_count, options, execution, Purpose::kBackward);
  if (!outcome.failed()) {
    const MixLayers tensors = {layers, layer_count};
    const Backend& backend = backend_of(*execution);
    outcome = check_workspace(*execution, backend.mix_backward_workspace(tensors, *options));
    if (!outcome.failed()) {
      outcome = run_guarded([&] { return backend.mix_backward(tensors, *options, *execution); });
    }
  }
  return outcome.report(error);
}
