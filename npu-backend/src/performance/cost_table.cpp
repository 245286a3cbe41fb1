// Costs over grids of widths and compressions, for the architecture search.
#include "common/status.h"
#include "performance/layer.h"

namespace udc::npu {
namespace {

constexpr size_t kMaxCells = size_t{1} << 26;

// Encoded size of channels whose weights take the same number of bits each.
struct UniformCode {
  double bitsPerWeight;
  int64_t weightsPerChannel;  // before folding: the zeros that it adds cost next to nothing
  int32_t cores;

  uint64_t bytes(int32_t channels) const {
    int64_t sum = 0;
    for (int32_t core = 0; core < cores; ++core) {
      const int64_t own = (int64_t{channels} + cores - 1 - core) / cores;
      if (own > 0) {
        const double bits = bitsPerWeight * static_cast<double>(own * weightsPerChannel);
        sum += roundUp(kScaleRecordBytes * own, 16) +
               roundUp(static_cast<int64_t>(std::ceil(bits / 8)), 16);
      }
    }
    return static_cast<uint64_t>(sum);
  }
};

udc_npu_status encodedBytes(void* user, const udc_npu_op* /*rewritten*/, int32_t /*blockDepth*/,
                            int32_t begin, int32_t end, uint64_t* bytes) {
  *bytes = static_cast<const UniformCode*>(user)->bytes(end - begin);
  return UDC_NPU_OK;
}

// Number of cells; 0 if the grid is malformed.
size_t cellCount(const udc_npu_cost_grid& grid) {
  size_t cells = 1;
  for (const size_t count :
       {grid.input_width_count, grid.output_width_count, grid.bits_count, grid.sparsity_count}) {
    if (count == 0 || count > kMaxCells / cells) {
      return 0;
    }
    cells *= count;
  }
  return cells;
}

udc_npu_status validateGrid(const udc_npu_cost_grid* grid, size_t capacity, udc_npu_error* error) {
  if (grid == nullptr || grid->input_widths == nullptr || grid->output_widths == nullptr ||
      grid->bits_per_weight == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "grid or an array of it is null");
  }
  const size_t cells = cellCount(*grid);
  if (cells == 0) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "an axis of the grid is empty, or it has more "
                "than 2^26 cells");
  }
  if (cells > capacity) {
    return fail(error, UDC_NPU_BUFFER_TOO_SMALL, "the grid has %zu cells", cells);
  }
  for (size_t i = 0; i < grid->bits_count * grid->sparsity_count; ++i) {
    if (!(grid->bits_per_weight[i] >= 0 && grid->bits_per_weight[i] <= 64)) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "bits_per_weight[%zu] is not in 0..64", i);
    }
  }
  return UDC_NPU_OK;
}

// Whether the operator has an output width of its own.
bool choosesWidth(const udc_npu_op& op) {
  return op.kind == UDC_NPU_OP_CONV || isFullyConnected(op);
}

udc_npu_op withWidths(const udc_npu_op& op, int32_t input, int32_t output) {
  udc_npu_op result = op;
  result.ifm.depth = input;
  if (isBinary(op) && op.ifm2_scalar == 0) {
    result.ifm2.depth = input;
  }
  if (op.kind != UDC_NPU_OP_REDUCE_SUM) {
    result.ofm.depth = choosesWidth(op) ? output : input;
  }
  return result;
}

udc_npu_status fillTable(const Machine& machine, const udc_npu_op& op,
                         const udc_npu_cost_grid& grid, double* cycles, uint64_t* bytes,
                         udc_npu_error* error) {
  size_t cell = 0;
  for (size_t i = 0; i < grid.input_width_count; ++i) {
    for (size_t o = 0; o < grid.output_width_count; ++o) {
      const udc_npu_op original = withWidths(op, grid.input_widths[i], grid.output_widths[o]);
      if (const udc_npu_status status = validate(&original, error); status != UDC_NPU_OK) {
        return status;
      }
      const udc_npu_op rewritten = rewrite(original).op;
      const LayerEstimator estimator(machine, rewritten);
      UniformCode code{0, kernelElements(original) * inputsPerOutput(original),
                       machine.info->cores};
      udc_npu_weight_sizes sizes{};
      sizes.encode = encodedBytes;
      sizes.user = &code;
      for (size_t c = 0; c < grid.bits_count * grid.sparsity_count; ++c, ++cell) {
        code.bitsPerWeight = grid.bits_per_weight[c];
        udc_npu_layer_estimate estimate;
        const udc_npu_status status = estimator.estimate(&sizes, 0.0, &estimate, error);
        if (status != UDC_NPU_OK) {
          return status;
        }
        if (cycles != nullptr) {
          cycles[cell] = estimate.cycles.total;
        }
        if (bytes != nullptr) {
          bytes[cell] = estimate.encoded_bytes;
        }
      }
    }
  }
  return UDC_NPU_OK;
}

}  // namespace
}  // namespace udc::npu

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_cost_table(const udc_npu_performance_config* config,
                                             const udc_npu_op* op, const udc_npu_cost_grid* grid,
                                             double* cycles, uint64_t* bytes, size_t capacity,
                                             udc_npu_error* error) {
  return guarded(error, [&] {
    Machine machine;
    udc_npu_status status = makeMachine(config, &machine, error);
    if (status == UDC_NPU_OK) {
      status = validateGrid(grid, capacity, error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    if (op == nullptr) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "op is null");
    }
    if (!choosesWidth(*op) && (grid->output_width_count != 1 || grid->output_widths[0] != 0)) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT,
                  "the output is as wide as the input: output_widths must be one entry, 0");
    }
    return fillTable(machine, *op, *grid, cycles, bytes, error);
  });
}
