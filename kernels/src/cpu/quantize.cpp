// Fake quantization with fixed bits, of weights and of activations.
#include <algorithm>

#include "cpu/cpu_backend.h"
#include "cpu/partition.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

// Clamps and the range they make, in steps; nothing is inside the range of no quantizer.
void set_range(const Quantizer& quantizer, float low, float high, QuantizeRun* run) {
  run->quantizer = quantizer;
  const bool valid = is_valid(quantizer);
  run->low = valid ? low : 0.0f;
  run->high = valid ? high : 0.0f;
  run->low_limit = valid ? quantizer.step * low : 1.0f;
  run->high_limit = valid ? quantizer.step * high : -1.0f;
}

QuantizeRun weights_run(const udc_quantize_layer& layer, int64_t channel, int64_t column,
                        int64_t count) {
  const int64_t first = channel * layer.per_channel + column;
  const Quantizer quantizer = make_quantizer(layer.steps[channel], layer.bits);
  QuantizeRun run = {};
  set_range(quantizer, -quantizer.levels, quantizer.levels, &run);
  run.input = layer.weights + first;
  run.mask = layer.mask ? layer.mask + first : nullptr;
  run.count = count;
  run.straight_through_mask = layer.straight_through_mask != 0;
  if (layer.quantized) run.output = layer.quantized + first;
  if (layer.quantized_gradient) run.output_gradient = layer.quantized_gradient + first;
  if (layer.weight_gradient) run.input_gradient = layer.weight_gradient + first;
  return run;
}

QuantizeRun activation_run(const udc_activation_tensor& tensor, int64_t first, int64_t count) {
  const int32_t zero_point = tensor.zero_point ? *tensor.zero_point : 0;
  const Quantizer quantizer = make_quantizer(*tensor.step, 2);
  QuantizeRun run = {};
  set_range(quantizer, static_cast<float>(tensor.quant_min - zero_point),
            static_cast<float>(tensor.quant_max - zero_point), &run);
  run.input = tensor.input + first;
  run.count = count;
  if (tensor.output) run.output = tensor.output + first;
  if (tensor.output_gradient) run.output_gradient = tensor.output_gradient + first;
  if (tensor.input_gradient) run.input_gradient = tensor.input_gradient + first;
  return run;
}

// Runs a backward over count elements in pieces short enough for float sums.
template <typename MakeRun>
double backward_sum(const RowKernels& kernels, int64_t count, const MakeRun& make_run) {
  double sum = 0;
  for (int64_t i = 0; i < count; i += kMaxBackwardRun) {
    sum += kernels.quantize_backward(make_run(i, std::min(kMaxBackwardRun, count - i)));
  }
  return sum;
}

Grid grid_of(const udc_quantize_layer& layer) {
  return Grid::of(layer.channels, layer.per_channel);
}

Grid grid_of(const udc_activation_tensor& tensor) { return Grid(1, tensor.count, 1, 16384); }

template <typename AllTensors>
Partition partition_of(AllTensors tensors) {
  Partition partition;
  for (const auto& tensor : tensors) partition.add(grid_of(tensor));
  return partition;
}

double sum_of_parts(const double* parts, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += parts[i];
  return sum;
}

}  // namespace

Failure quantize_forward(QuantizeLayers layers, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  partition_of(layers).for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    for (int64_t c = unit.first_row; c < unit.first_row + unit.rows; c++) {
      kernels.quantize_forward(weights_run(layers[unit.layer], c, unit.first_column, unit.columns));
    }
  });
  return nullptr;
}

int64_t quantize_backward_workspace(QuantizeLayers layers) {
  int64_t units = 0;
  for (const auto& layer : layers) units += grid_of(layer).units();
  return units * static_cast<int64_t>(sizeof(double));
}

Failure quantize_backward(QuantizeLayers layers, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const Partition partition = partition_of(layers);
  double* const sums = static_cast<double*>(execution.workspace);
  partition.for_each(thread_count(execution), [&](const Unit& unit, int64_t number) {
    const udc_quantize_layer& layer = layers[unit.layer];
    for (int64_t c = unit.first_row; c < unit.first_row + unit.rows; c++) {
      sums[number] = backward_sum(kernels, unit.columns, [&](int64_t i, int64_t count) {
        return weights_run(layer, c, unit.first_column + i, count);
      });
      const bool whole = partition.grid(unit.layer).column_parts() == 1;
      if (whole && layer.step_gradient) layer.step_gradient[c] = static_cast<float>(sums[number]);
    }
  });
  for (int64_t i = 0; i < layers.count; i++) {
    const udc_quantize_layer& layer = layers[i];
    const int64_t parts = partition.grid(i).column_parts();
    if (!layer.step_gradient || parts == 1) continue;
    const double* first = sums + partition.first_unit(i);
    for (int64_t c = 0; c < layer.channels; c++) {
      layer.step_gradient[c] = static_cast<float>(sum_of_parts(first + c * parts, parts));
    }
  }
  return nullptr;
}

Failure activation_forward(ActivationTensors tensors, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  partition_of(tensors).for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    kernels.quantize_forward(activation_run(tensors[unit.layer], unit.first_column, unit.columns));
  });
  return nullptr;
}

int64_t activation_backward_workspace(ActivationTensors tensors) {
  int64_t units = 0;
  for (const auto& tensor : tensors) units += grid_of(tensor).units();
  return units * static_cast<int64_t>(sizeof(double));
}

Failure activation_backward(ActivationTensors tensors, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const Partition partition = partition_of(tensors);
  double* const sums = static_cast<double*>(execution.workspace);
  partition.for_each(thread_count(execution), [&](const Unit& unit, int64_t number) {
    sums[number] = backward_sum(kernels, unit.columns, [&](int64_t i, int64_t count) {
      return activation_run(tensors[unit.layer], unit.first_column + i, count);
    });
  });
  for (int64_t i = 0; i < tensors.count; i++) {
    if (!tensors[i].step_gradient) continue;
    *tensors[i].step_gradient =
        static_cast<float>(sum_of_parts(sums + partition.first_unit(i), partition.grid(i).units()));
  }
  return nullptr;
}

}  // namespace udc::kernels::cpu
