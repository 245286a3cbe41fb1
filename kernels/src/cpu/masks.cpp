// Masks from thresholds, their application, and the norm of channels.
#include <cmath>
#include <cstring>

#include "cpu/cpu_backend.h"
#include "cpu/partition.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

Partition partition_of(MaskLayers layers) {
  Partition partition;
  for (const auto& layer : layers) partition.add(Grid(1, layer.count, 1, 65536));
  return partition;
}

void make_mask(const udc_mask_layer& layer, int64_t first, int64_t count) {
  int32_t threshold;
  std::memcpy(&threshold, layer.threshold, sizeof threshold);
  threshold &= 0x7fffffff;
  // Up to the tie limit an equal magnitude survives, beyond it only a greater one.
  const int64_t limit = *layer.tie_limit;
  const int64_t ties = std::min(std::max<int64_t>(limit, first - 1), first + count - 1) - first + 1;
  for (int64_t i = 0; i < count; i++) {
    int32_t bits;
    std::memcpy(&bits, layer.weights + first + i, sizeof bits);
    bits &= 0x7fffffff;
    layer.mask[first + i] = bits > threshold || (bits == threshold && i < ties);
  }
}

void apply_mask(const udc_mask_layer& layer, int64_t first, int64_t count) {
  for (int64_t i = first; i < first + count; i++) {
    layer.weights[i] = layer.mask[i] ? layer.weights[i] : 0.0f;
  }
}

}  // namespace

Failure make_masks(MaskLayers layers, const Execution& execution) {
  partition_of(layers).for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    make_mask(layers[unit.layer], unit.first_column, unit.columns);
  });
  return nullptr;
}

Failure apply_masks(MaskLayers layers, const Execution& execution) {
  partition_of(layers).for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    apply_mask(layers[unit.layer], unit.first_column, unit.columns);
  });
  return nullptr;
}

Failure normalize_channels(NormalizeLayers layers, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  Partition partition;
  for (const auto& layer : layers) {
    const int64_t rows = layer.per_channel > 0 ? 16384 / layer.per_channel : 1;
    partition.add(Grid(layer.channels, layer.per_channel, rows, layer.per_channel));
    if (layer.per_channel == 0 && layer.factors) {
      std::fill_n(layer.factors, layer.channels, 1.0f);
    }
  }
  partition.for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    const udc_normalize_layer& layer = layers[unit.layer];
    for (int64_t c = unit.first_row; c < unit.first_row + unit.rows; c++) {
      float* weights = layer.weights + c * layer.per_channel;
      const double squares = kernels.sum_of_squares(weights, layer.per_channel);
      const double rms = std::sqrt(squares / static_cast<double>(layer.per_channel));
      const bool usable =
          rms > 0 && std::isfinite(rms) && std::isfinite(static_cast<float>(1.0 / rms));
      const float factor = usable ? static_cast<float>(1.0 / rms) : 1.0f;
      for (int64_t j = 0; j < layer.per_channel; j++) weights[j] *= factor;
      if (layer.factors) layer.factors[c] = factor;
    }
  });
  return nullptr;
}

}  // namespace udc::kernels::cpu
