#include "api/checks.h"

using namespace udc::kernels;

namespace {

Outcome check_thresholds(const udc_threshold_layer* layers, int64_t count, int32_t options,
                         const Execution* execution, bool shapes_only) {
  const Outcome outcome =
      Check().range(options, 1, UDC_KERNELS_MAX_OPTIONS, "sparsity_options").outcome();
  if (outcome.failed()) return outcome;
  return check_tensors(layers, count, execution,
                       [&](const udc_threshold_layer& layer, int64_t index) {
                         Check check(index);
                         check.shape(1, layer.count, "rows", "count");
                         if (shapes_only) return check.outcome();
                         check.pointer(layer.weights, "weights", layer.count > 0)
                             .pointer(layer.sparsities, "sparsities")
                             .pointer(layer.thresholds, "thresholds")
                             .pointer(layer.tie_limits, "tie_limits");
                         for (int s = 0; s < options && !check.outcome().failed(); s++) {
                           check.fraction(layer.sparsities[s], "sparsities", s);
                         }
                         return check.outcome();
                       });
}

Outcome check_masks(const udc_mask_layer* layers, int64_t count, const Execution* execution,
                    bool make) {
  return check_tensors(layers, count, execution, [&](const udc_mask_layer& layer, int64_t index) {
    Check check(index);
    check.shape(1, layer.count, "rows", "count");
    return check.pointer(layer.weights, "weights", layer.count > 0)
        .pointer(layer.mask, "mask", layer.count > 0)
        .pointer(layer.threshold, "threshold", make && layer.count > 0)
        .pointer(layer.tie_limit, "tie_limit", make && layer.count > 0)
        .outcome();
  });
}

}  // namespace

udc_kernels_status udc_kernels_thresholds_workspace(const udc_threshold_layer* layers,
                                                    int64_t layer_count, int32_t sparsity_options,
                                                    const udc_kernels_execution* execution,
                                                    int64_t* bytes, udc_kernels_error* error) {
  Outcome outcome = check_thresholds(layers, layer_count, sparsity_options, execution, true);
  if (!outcome.failed()) outcome = Check().pointer(bytes, "bytes").outcome();
  if (!outcome.failed()) {
    *bytes = backend_of(*execution).thresholds_workspace({layers, layer_count}, sparsity_options);
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_thresholds(const udc_threshold_layer* layers, int64_t layer_count,
                                          int32_t sparsity_options,
                                          const udc_kernels_execution* execution,
                                          udc_kernels_error* error) {
  Outcome outcome = check_thresholds(layers, layer_count, sparsity_options, execution, false);
  if (!outcome.failed()) {
    const ThresholdLayers tensors = {layers, layer_count};
    const Backend& backend = backend_of(*execution);
    outcome = check_workspace(*execution, backend.thresholds_workspace(tensors, sparsity_options));
    if (!outcome.failed()) {
      outcome =
          run_guarded([&] { return backend.thresholds(tensors, sparsity_options, *execution); });
    }
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_make_masks(const udc_mask_layer* layers, int64_t layer_count,
                                          const udc_kernels_execution* execution,
                                          udc_kernels_error* error) {
  Outcome outcome = check_masks(layers, layer_count, execution, true);
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).make_masks({layers, layer_count}, *execution);
    });
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_apply_masks(const udc_mask_layer* layers, int64_t layer_count,
                                           const udc_kernels_execution* execution,
                                           udc_kernels_error* error) {
  Outcome outcome = check_masks(layers, layer_count, execution, false);
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).apply_masks({layers, layer_count}, *execution);
    });
  }
  return outcome.report(error);
}

udc_kernels_status udc_kernels_normalize_channels(const udc_normalize_layer* layers,
                                                  int64_t layer_count,
                                                  const udc_kernels_execution* execution,
                                                  udc_kernels_error* error) {
  Outcome outcome = check_tensors(
      layers, layer_count, execution, [](const udc_normalize_layer& layer, int64_t index) {
        Check check(index);
        check.shape(layer.channels, layer.per_channel, "channels", "per_channel");
        return check.pointer(layer.weights, "weights", layer.channels > 0 && layer.per_channel > 0)
            .outcome();
      });
  if (!outcome.failed()) {
    outcome = run_guarded([&] {
      return backend_of(*execution).normalize_channels({layers, layer_count}, *execution);
    });
  }
  return outcome.report(error);
}
