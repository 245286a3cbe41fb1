// Mixing over whole networks: units of work, runs between tie limits, sums in a fixed order.
#include <algorithm>

#include "cpu/cpu_backend.h"
#include "cpu/ladder.h"
#include "cpu/partition.h"
#include "cpu/row_kernels.h"

namespace udc::kernels::cpu {
namespace {

// A channel mask gradient's partial sums are floats, so they run over few channels.
constexpr int64_t kRowsPerColumnSum = 32;

bool has_column_sums(const udc_mix_layer& layer) { return layer.mask_gradient != nullptr; }

Grid grid_of(const udc_mix_layer& layer, bool backward) {
  const Grid grid = Grid::of(layer.channels, layer.per_channel);
  if (!backward || !has_column_sums(layer)) return grid;
  return Grid(layer.channels, layer.per_channel, kRowsPerColumnSum, layer.per_channel);
}

Partition partition_of(MixLayers layers, bool backward) {
  Partition partition;
  for (const udc_mix_layer& layer : layers) partition.add(grid_of(layer, backward));
  return partition;
}

void set_layer(const udc_mix_layer& layer, const Options& options, MixRun* run) {
  run->bit_options = options.bit_options;
  run->sparsity_options = options.sparsity_options;
  run->straight_through_mask = options.straight_through_mask != 0;
  std::copy_n(layer.bit_probabilities, options.bit_options, run->bit_probabilities);
  std::copy_n(layer.sparsity_probabilities, options.sparsity_options, run->sparsity_probabilities);
}

void set_channel(const udc_mix_layer& layer, const Options& options, int64_t channel, MixRun* run) {
  run->channel_mask = layer.channel_mask ? layer.channel_mask[channel] : 1.0f;
  run->ceiling = 0;
  for (int b = 0; b < options.bit_options; b++) {
    const float step = layer.steps[channel * options.bit_options + b];
    const Quantizer quantizer = make_quantizer(step, options.bit_widths[b]);
    run->quantizers[b] = quantizer;
    run->weighted_steps[b] =
        is_valid(quantizer) ? run->bit_probabilities[b] * quantizer.step : 0.0f;
    run->ceiling = std::max(run->ceiling, quantizer.step * (quantizer.levels + 1));
  }
}

// A ternary quantizer is a single rung: |w| / step exceeds 1/2, rounded to float or not, just where
// |w| exceeds step / 2. The ladder does not see NaN, so one option at least stays out of it.
void set_ternary(const Options& options, MixRun* run) {
  const auto levels = [&](int b) { return run->quantizers[b].levels; };
  bool others = false;
  for (int b = 0; b < options.bit_options; b++) others |= levels(b) != 1;
  run->ternary = {};
  for (int b = 0; b < options.bit_options; b++) {
    run->is_ternary[b] = others && levels(b) == 1;
    if (run->is_ternary[b]) {
      add_rung(bits_of(run->quantizers[b].step / 2), run->weighted_steps[b], &run->ternary);
    }
  }
  sum_up(&run->ternary);
}

void set_inside(const Options& options, MixRun* run) {
  run->inside = {};
  for (int b = 0; b < options.bit_options; b++) {
    if (!is_valid(run->quantizers[b])) continue;
    const float share = run->channel_mask * run->bit_probabilities[b];
    add_rung(bits_of(run->quantizers[b].limit), share, &run->inside);
  }
  sum_down(&run->inside);
}

// Sets the comparisons for weights from flat index first on; returns the first index, at most end,
// from which they no longer hold because a tie limit lies between.
int64_t set_thresholds(const udc_mix_layer& layer, int64_t first, int64_t end, MixRun* run) {
  run->survival = {};
  for (int s = 0; s < run->sparsity_options; s++) {
    const int32_t bits = bits_of(layer.thresholds[s]) & 0x7fffffff;
    const int64_t tie_limit = layer.tie_limits[s];
    const bool ties_survive = first <= tie_limit;
    run->threshold_bits[s] = ties_survive ? bits - 1 : bits;
    if (ties_survive && tie_limit < end - 1) end = tie_limit + 1;
    add_rung(run->threshold_bits[s], run->sparsity_probabilities[s], &run->survival);
  }
  sum_up(&run->survival);
  return end;
}

// Calls work(run, first) for the runs of at most longest weights of one channel's columns.
template <typename Work>
void for_runs(const udc_mix_layer& layer, const Unit& unit, int64_t channel, int64_t longest,
              MixRun* run, const Work& work) {
  const int64_t row = channel * layer.per_channel;
  const int64_t end = row + unit.first_column + unit.columns;
  int64_t first = row + unit.first_column;
  while (first < end) {
    const int64_t next = set_thresholds(layer, first, std::min(end, first + longest), run);
    run->weights = layer.weights + first;
    run->mask = layer.mask ? layer.mask + (first - row) : nullptr;
    run->count = next - first;
    work(first);
    first = next;
  }
}

// What a unit leaves in the workspace: the sums over its weights, steps and probabilities applied.
// The steps and channel belong to one channel, and are used only where a unit is part of a channel.
struct UnitSums {
  double bits[UDC_KERNELS_MAX_OPTIONS];
  double sparsities[UDC_KERNELS_MAX_OPTIONS];
  double steps[UDC_KERNELS_MAX_OPTIONS];
  double channel;
};

int64_t column_sum_floats(const udc_mix_layer& layer, const Grid& grid) {
  return has_column_sums(layer) ? grid.row_parts() * layer.per_channel : 0;
}

struct ChannelSums {
  double bits[UDC_KERNELS_MAX_OPTIONS];
  double steps[UDC_KERNELS_MAX_OPTIONS];
  double sparsities[UDC_KERNELS_MAX_OPTIONS];
};

void add_run(const MixSums& run, const Options& options, ChannelSums* sums) {
  for (int b = 0; b < options.bit_options; b++) {
    sums->bits[b] += run.bits[b];
    sums->steps[b] += run.steps[b];
  }
  for (int s = 0; s < options.sparsity_options; s++) sums->sparsities[s] += run.sparsities[s];
}

void write_channel(const udc_mix_layer& layer, const Options& options, int64_t channel,
                   const double* steps, double channel_sum) {
  if (layer.step_gradient) {
    for (int b = 0; b < options.bit_options; b++) {
      layer.step_gradient[channel * options.bit_options + b] = static_cast<float>(steps[b]);
    }
  }
  if (layer.channel_mask_gradient) {
    layer.channel_mask_gradient[channel] = static_cast<float>(channel_sum);
  }
}

void backward_unit(const udc_mix_layer& layer, const Options& options, const RowKernels& kernels,
                   const Grid& grid, const Unit& unit, float* column_sums, UnitSums* sums) {
  MixRun run = {};
  set_layer(layer, options, &run);
  run.sums_steps = layer.step_gradient != nullptr;
  *sums = {};
  if (column_sums) std::fill_n(column_sums + unit.first_column, unit.columns, 0.0f);
  for (int64_t channel = unit.first_row; channel < unit.first_row + unit.rows; channel++) {
    set_channel(layer, options, channel, &run);
    set_inside(options, &run);
    ChannelSums channel_sums = {};
    for_runs(layer, unit, channel, kMaxBackwardRun, &run, [&](int64_t first) {
      run.mixed_gradient = layer.mixed_gradient + first;
      run.weight_gradient = layer.weight_gradient + first;
      run.column_gradient =
          column_sums ? column_sums + (first - channel * layer.per_channel) : nullptr;
      MixSums run_sums;
      kernels.mix_backward(run, &run_sums);
      add_run(run_sums, options, &channel_sums);
    });
    const double scale = run.channel_mask;
    for (int b = 0; b < options.bit_options; b++) {
      const Quantizer& quantizer = run.quantizers[b];
      const bool valid = is_valid(quantizer);
      sums->bits[b] += channel_sums.bits[b] * scale * (valid ? quantizer.step : 0.0f);
      sums->steps[b] = channel_sums.steps[b] * scale * (valid ? run.bit_probabilities[b] : 0.0f);
    }
    sums->channel = 0;  // sum_s p_s * survives_s = M
    for (int s = 0; s < options.sparsity_options; s++) {
      sums->sparsities[s] += channel_sums.sparsities[s] * scale;
      sums->channel += channel_sums.sparsities[s] * run.sparsity_probabilities[s];
    }
    if (grid.column_parts() == 1) {
      write_channel(layer, options, channel, sums->steps, sums->channel);
    }
  }
}

// Adds up what the units of a layer left, in their order.
void combine(const udc_mix_layer& layer, const Options& options, const Grid& grid,
             const UnitSums* units, const float* column_sums) {
  UnitSums total = {};
  for (int64_t i = 0; i < grid.units(); i++) {
    for (int b = 0; b < options.bit_options; b++) total.bits[b] += units[i].bits[b];
    for (int s = 0; s < options.sparsity_options; s++) {
      total.sparsities[s] += units[i].sparsities[s];
    }
  }
  for (int b = 0; b < options.bit_options && layer.bit_gradient; b++) {
    layer.bit_gradient[b] = static_cast<float>(total.bits[b]);
  }
  for (int s = 0; s < options.sparsity_options && layer.sparsity_gradient; s++) {
    layer.sparsity_gradient[s] = static_cast<float>(total.sparsities[s]);
  }
  const int64_t parts = grid.column_parts();
  if (grid.empty()) {
    const double zeros[UDC_KERNELS_MAX_OPTIONS] = {};
    for (int64_t c = 0; c < layer.channels; c++) write_channel(layer, options, c, zeros, 0);
  } else if (parts > 1) {
    // A unit is then a part of one channel.
    for (int64_t c = 0; c < layer.channels; c++) {
      double steps[UDC_KERNELS_MAX_OPTIONS] = {};
      double channel = 0;
      for (int64_t part = 0; part < parts; part++) {
        const UnitSums& unit = units[c * parts + part];
        for (int b = 0; b < options.bit_options; b++) steps[b] += unit.steps[b];
        channel += unit.channel;
      }
      write_channel(layer, options, c, steps, channel);
    }
  }
  for (int64_t j = 0; j < layer.per_channel && has_column_sums(layer); j++) {
    double sum = 0;
    for (int64_t part = 0; part < grid.row_parts(); part++) {
      sum += column_sums[part * layer.per_channel + j];
    }
    layer.mask_gradient[j] = static_cast<float>(sum);
  }
}

}  // namespace

Failure mix_forward(MixLayers layers, const Options& options, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  partition_of(layers, false).for_each(thread_count(execution), [&](const Unit& unit, int64_t) {
    const udc_mix_layer& layer = layers[unit.layer];
    MixRun run = {};
    set_layer(layer, options, &run);
    for (int64_t channel = unit.first_row; channel < unit.first_row + unit.rows; channel++) {
      set_channel(layer, options, channel, &run);
      set_ternary(options, &run);
      for_runs(layer, unit, channel, unit.columns, &run, [&](int64_t first) {
        run.mixed = layer.mixed + first;
        kernels.mix_forward(run);
      });
    }
  });
  return nullptr;
}

int64_t mix_backward_workspace(MixLayers layers, const Options&) {
  int64_t bytes = 0;
  for (const udc_mix_layer& layer : layers) {
    const Grid grid = grid_of(layer, true);
    bytes += grid.units() * static_cast<int64_t>(sizeof(UnitSums));
    bytes += column_sum_floats(layer, grid) * static_cast<int64_t>(sizeof(float));
  }
  return bytes;
}

Failure mix_backward(MixLayers layers, const Options& options, const Execution& execution) {
  const RowKernels& kernels = row_kernels(execution);
  const int32_t threads = thread_count(execution);
  const Partition partition = partition_of(layers, true);
  UnitSums* const sums = static_cast<UnitSums*>(execution.workspace);
  std::vector<float*> column_sums;
  float* next = reinterpret_cast<float*>(sums + partition.units());
  for (int64_t i = 0; i < layers.count; i++) {
    column_sums.push_back(has_column_sums(layers[i]) ? next : nullptr);
    next += column_sum_floats(layers[i], partition.grid(i));
  }
  partition.for_each(threads, [&](const Unit& unit, int64_t number) {
    const udc_mix_layer& layer = layers[unit.layer];
    const Grid& grid = partition.grid(unit.layer);
    float* columns = column_sums[unit.layer];
    if (columns) columns += unit.first_row / grid.rows_per_unit() * layer.per_channel;
    backward_unit(layer, options, kernels, grid, unit, columns, &sums[number]);
  });
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (layers.count > 1 && threads > 1)
  for (int64_t i = 0; i < layers.count; i++) {
    combine(layers[i], options, partition.grid(i), sums + partition.first_unit(i), column_sums[i]);
  }
  return nullptr;
}

}  // namespace udc::kernels::cpu
