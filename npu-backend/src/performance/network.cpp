// Estimate of a whole network: operators in execution order, one after the other.
#include "common/status.h"
#include "performance/layer.h"
#include "performance/tensors.h"

namespace udc::npu {
namespace {

constexpr size_t kMaxOps = 1 << 20;

// Validates and rewrites the operators, without what the network itself decides.
udc_npu_status rewriteAll(const udc_npu_op* ops, size_t count, std::vector<udc_npu_op>* rewritten,
                          udc_npu_error* error) {
  rewritten->reserve(count);
  for (size_t i = 0; i < count; ++i) {
    udc_npu_op op = ops[i];
    op.first = i == 0 ? 1 : 0;
    op.ifm_format = op.ifm2_format = op.ofm_format = UDC_NPU_NHWC;
    op.ifm_placement = op.ifm2_placement = op.ofm_placement = UDC_NPU_PLACE_ARENA;
    if (const udc_npu_status status = validate(&op, error); status != UDC_NPU_OK) {
      return status;
    }
    rewritten->push_back(rewrite(op).op);
  }
  return UDC_NPU_OK;
}

udc_npu_status estimateAll(const Machine& machine, const std::vector<udc_npu_op>& ops,
                           const udc_npu_weight_sizes* sizes,
                           std::vector<udc_npu_layer_estimate>* rows, udc_npu_error* error) {
  rows->resize(ops.size());
  double slack = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    const udc_npu_weight_sizes* own = sizes == nullptr ? nullptr : &sizes[i];
    udc_npu_status status = validate(own, error);
    if (status == UDC_NPU_OK) {
      status = LayerEstimator(machine, ops[i]).estimate(own, slack, &(*rows)[i], error);
    }
    if (status != UDC_NPU_OK) {
      return status;
    }
    slack = (*rows)[i].slack;
  }
  return UDC_NPU_OK;
}

// SRAM for weights during each operator: its own buffers, and the first buffer of the next one,
// which is filled meanwhile.
std::vector<uint64_t> bufferBytes(const std::vector<udc_npu_layer_estimate>& rows) {
  std::vector<uint64_t> bytes(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    bytes[i] += rows[i].buffer_bytes[0] + rows[i].buffer_bytes[1];
    if (i > 0) {
      bytes[i - 1] += rows[i].buffer_bytes[0];
    }
  }
  return bytes;
}

// Vela holds what the first operator uses until the second one is done: an observation on its
// memory figures, which this makes exact for most networks. Of a double buffer the second half
// stays.
uint64_t firstPairBuffers(const std::vector<udc_npu_layer_estimate>& rows) {
  const uint64_t* first = rows[0].buffer_bytes;
  const uint64_t* second = rows[1].buffer_bytes;
  return (first[1] > 0 ? first[1] : first[0]) + second[0] + second[1];
}

void add(const udc_npu_cycles& row, udc_npu_cycles* sum) {
  sum->npu += row.npu;
  sum->sram += row.sram;
  sum->dram += row.dram;
  sum->onchip_flash += row.onchip_flash;
  sum->offchip_flash += row.offchip_flash;
  sum->total += row.total;
}

udc_npu_status estimateNetwork(const Machine& machine, const udc_npu_op* ops, size_t count,
                               const udc_npu_weight_sizes* sizes,
                               std::vector<udc_npu_layer_estimate>* rows,
                               udc_npu_network_estimate* network, udc_npu_error* error) {
  std::vector<udc_npu_op> rewritten;
  udc_npu_status status = rewriteAll(ops, count, &rewritten, error);
  TensorTable tensors;
  if (status == UDC_NPU_OK) {
    status = tensors.build(rewritten, error);
  }
  if (status != UDC_NPU_OK) {
    return status;
  }
  tensors.assignFormats(&rewritten);
  // The first pass, with every feature map in the arena, settles blocks, slices and buffers; only
  // then it is known how much fast storage the feature maps may take.
  status = estimateAll(machine, rewritten, sizes, rows, error);
  if (status != UDC_NPU_OK) {
    return status;
  }
  std::vector<uint64_t> buffers = bufferBytes(*rows);
  *network = udc_npu_network_estimate{};
  network->spilled_tensors = tensors.assignPlacements(machine, buffers, &rewritten);
  if (machine.spills()) {
    status = estimateAll(machine, rewritten, sizes, rows, error);
    if (status != UDC_NPU_OK) {
      return status;
    }
    buffers = bufferBytes(*rows);
  }
  const std::vector<uint64_t> live = tensors.liveBytes();
  const uint64_t firstPair = count > 1 ? tensors.firstPairBytes() + firstPairBuffers(*rows) : 0;
  for (size_t i = 0; i < count; ++i) {
    udc_npu_layer_estimate& row = (*rows)[i];
    row.sram_bytes = live[i] + buffers[i];
    if (i == 1) {
      row.sram_bytes = std::max(row.sram_bytes, firstPair);
    }
    if (row.sram_bytes > network->peak_sram_bytes) {
      network->peak_sram_bytes = row.sram_bytes;
      network->peak_sram_op = static_cast<int32_t>(i);
    }
    add(row.cycles, &network->cycles);
    network->macs += row.macs;
    network->encoded_bytes += row.encoded_bytes;
    network->original_weights += row.original_weights;
  }
  network->milliseconds = network->cycles.total / machine.clock * 1e3;
  return UDC_NPU_OK;
}

}  // namespace
}  // namespace udc::npu

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_estimate_network(const udc_npu_performance_config* config,
                                                   const udc_npu_op* ops, size_t op_count,
                                                   const udc_npu_weight_sizes* sizes,
                                                   udc_npu_layer_estimate* rows,
                                                   udc_npu_network_estimate* network,
                                                   udc_npu_error* error) {
  return guarded(error, [&] {
    Machine machine;
    if (const udc_npu_status status = makeMachine(config, &machine, error); status != UDC_NPU_OK) {
      return status;
    }
    if (ops == nullptr || network == nullptr || op_count == 0 || op_count > kMaxOps) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT,
                  "ops or network is null, or op_count is not in 1..2^20");
    }
    std::vector<udc_npu_layer_estimate> own;
    const udc_npu_status status =
        estimateNetwork(machine, ops, op_count, sizes, &own, network, error);
    if (status == UDC_NPU_OK && rows != nullptr) {
      std::copy(own.begin(), own.end(), rows);
    }
    return status;
  });
}
