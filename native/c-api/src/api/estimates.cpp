#include <string>
#include <vector>

#include "api/handles.h"
#include "model/npu_operator.h"
#include "udc/npu/performance.h"

using udc::check;
using udc::checkStruct;
using udc::fail;
using udc::guarded;
using udc::required;

namespace {

constexpr double kMillisecondsPerSecond = 1000;

udc_npu_performance_config configOf(const udc_npu_options* npu, const char* modelNpu) {
  const char* name = modelNpu;
  if (npu != nullptr) {
    checkStruct(*npu, "npu");
    name = npu->npu != nullptr ? npu->npu : modelNpu;
  }
  udc_npu_error error{};
  udc_npu_accelerator accelerator{};
  check(udc_npu_accelerator_by_name(&required(name, "npu"), &accelerator, &error), error, "npu");
  udc_npu_performance_config config{};
  check(udc_npu_performance_defaults(accelerator, &config, &error), error);
  if (npu != nullptr && npu->system_config != nullptr) {
    check(udc_npu_system_config_by_name(npu->system_config, &config.system_config, &error), error,
          "system_config");
  }
  if (npu != nullptr && npu->memory_mode != nullptr) {
    check(udc_npu_memory_mode_by_name(npu->memory_mode, &config.memory_mode, &error), error, "memory_mode");
  }
  return config;
}

udc_cycles cyclesOf(const udc_npu_cycles& cycles) {
  return {cycles.npu, cycles.sram, cycles.dram, cycles.onchip_flash, cycles.offchip_flash, cycles.total};
}

udc_estimate rowOf(const udc_npu_performance_config& config, const udc_npu_layer_estimate& row,
                   uint64_t bytes) {
  const double seconds = row.cycles.total / udc_npu_system_config_clock(config.system_config);
  return {cyclesOf(row.cycles), seconds * kMillisecondsPerSecond, row.macs, bytes, row.sram_bytes};
}

int32_t kindOf(int32_t kind) {
  switch (kind) {
    case UDC_CONVOLUTION:
      return UDC_NPU_OP_CONV;
    case UDC_DEPTHWISE:
      return UDC_NPU_OP_DEPTHWISE;
    case UDC_FULLY_CONNECTED:
      return UDC_NPU_OP_FULLY_CONNECTED;
    case UDC_MAX_POOL:
      return UDC_NPU_OP_MAX_POOL;
    case UDC_AVERAGE_POOL:
      return UDC_NPU_OP_AVERAGE_POOL;
    case UDC_ADD:
      return UDC_NPU_OP_ADD;
    default:
      fail(UDC_INVALID_ARGUMENT, "kind: found %d, expected a udc_operator_kind", kind);
  }
}

udc_npu_op operatorOf(const udc_operator& source) {
  checkStruct(source, "operator");
  udc_npu_op op{};
  udc_npu_error error{};
  check(udc_npu_op_init(kindOf(source.kind), &op, &error), error);
  op.ifm = {source.height, source.width, source.channels};
  if (source.kind == UDC_ADD) {
    op.ifm2 = {source.second_height, source.second_width, source.second_channels};
  } else if (source.kind != UDC_FULLY_CONNECTED) {
    op.kernel_height = source.kernel_height;
    op.kernel_width = source.kernel_width;
    op.stride_y = source.stride;
    op.stride_x = source.stride;
  }
  const bool same = source.same_padding != 0 && source.kind != UDC_ADD && source.kind != UDC_FULLY_CONNECTED;
  op.padding = same ? UDC_NPU_PADDING_SAME : UDC_NPU_PADDING_VALID;
  op.activation = source.relu != 0 ? UDC_NPU_ACTIVATION_RELU : UDC_NPU_ACTIVATION_NONE;
  op.ifm_tensor = source.input_tensor;
  op.ifm2_tensor = source.kind == UDC_ADD ? source.second_tensor : UDC_NPU_NO_TENSOR;
  op.ofm_tensor = source.output_tensor;
  check(udc_npu_op_infer_output(&op, source.out_channels, &error), error);
  return op;
}

bool weighted(const udc_operator& op) {
  return op.kind == UDC_CONVOLUTION || op.kind == UDC_DEPTHWISE || op.kind == UDC_FULLY_CONNECTED;
}

// Encoded bytes of all of an operator's weights in one depth slice, in Vela's block, as a .udc file holds
// them.
uint64_t encodedBytes(const udc_npu_performance_config& config, const udc_operator& source,
                      const udc_npu_op& op) {
  if (!weighted(source) || source.weights == nullptr) {
    return weighted(source) ? source.encoded_bytes : 0;
  }
  const udc::WeightLayout layout(op);
  udc_npu_error error{};
  udc_npu_block block{};
  check(udc_npu_find_block(&config, &op, &block, &error), error);
  const std::vector<int16_t> weights = layout.fold(source.weights, source.weight_count);
  const udc_npu_layer layer =
      layout.layer(static_cast<udc_npu_accelerator>(config.accelerator), block.ofm.depth);
  uint64_t bytes = 0;
  check(udc_npu_layer_encoded_size(&layer, weights.data(), weights.size(), UDC_NPU_EFFORT_BEST, &bytes,
                                   nullptr, 0, nullptr, &error),
        error);
  return bytes;
}

void estimate(const udc_npu_performance_config& config, const std::vector<udc_npu_op>& ops,
              const std::vector<uint64_t>& bytes, udc_estimate* rows, udc_estimate& network) {
  std::vector<udc_npu_weight_sizes> sizes(ops.size());
  uint64_t total = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    sizes[i].full_bytes = bytes[i];
    total += bytes[i];
  }
  std::vector<udc_npu_layer_estimate> layers(ops.size());
  udc_npu_network_estimate sums{};
  udc_npu_error error{};
  check(udc_npu_estimate_network(&config, ops.data(), ops.size(), sizes.data(), layers.data(), &sums, &error),
        error);
  for (size_t i = 0; rows != nullptr && i < ops.size(); ++i) {
    rows[i] = rowOf(config, layers[i], bytes[i]);
  }
  network = {cyclesOf(sums.cycles), sums.milliseconds, sums.macs, total, sums.peak_sram_bytes};
}

}  // namespace

udc_status udc_estimate_operator(const udc_npu_options* npu, const udc_operator* op, udc_estimate* estimate,
                                 udc_error* error) {
  return guarded(error, [&] {
    const udc_npu_performance_config config = configOf(npu, nullptr);
    udc_npu_op source = operatorOf(required(op, "op"));
    source.first = 1;
    udc_npu_weight_sizes sizes{};
    sizes.full_bytes = encodedBytes(config, *op, source);
    udc_npu_layer_estimate row{};
    udc_npu_error reason{};
    check(udc_npu_estimate_layer(&config, &source, &sizes, &row, &reason), reason);
    required(estimate, "estimate") = rowOf(config, row, sizes.full_bytes);
  });
}

udc_status udc_estimate_network(const udc_npu_options* npu, const udc_operator* ops, size_t count,
                                udc_estimate* rows, udc_estimate* network, udc_error* error) {
  return guarded(error, [&] {
    const udc_npu_performance_config config = configOf(npu, nullptr);
    required(ops, "ops");
    std::vector<udc_npu_op> operators;
    std::vector<uint64_t> bytes;
    for (size_t i = 0; i < count; ++i) {
      try {
        operators.push_back(operatorOf(ops[i]));
        operators.back().first = i == 0 ? 1 : 0;
        bytes.push_back(encodedBytes(config, ops[i], operators.back()));
      } catch (const udc::Failure& failure) {
        throw udc::Failure(failure.status(), "ops[" + std::to_string(i) + "]: " + failure.what());
      }
    }
    estimate(config, operators, bytes, rows, required(network, "network"));
  });
}

udc_status udc_estimate_model(const udc_model* model, const udc_npu_options* npu, udc_estimate* rows,
                              size_t row_capacity, udc_estimate* network, udc_error* error) {
  return guarded(error, [&] {
    const udc::UdcFile& file = required(model, "model").model.file();
    if (npu != nullptr && npu->npu != nullptr && file.npu != npu->npu) {
      fail(UDC_INVALID_ARGUMENT, "npu: found %.40s, expected the streams' %s", npu->npu, file.npu.c_str());
    }
    const udc_npu_performance_config config = configOf(npu, file.npu.c_str());
    const std::vector<udc::Node>& nodes = file.architecture.nodes;
    if (rows != nullptr && row_capacity < nodes.size()) {
      fail(UDC_BUFFER_TOO_SMALL, "row_capacity: found %zu, expected at least %zu", row_capacity,
           nodes.size());
    }
    std::vector<udc_npu_op> operators;
    for (const udc::Node& node : nodes) {
      udc_npu_op op = udc::npuOperator(node, file.shapes[node.input], file.shapes[node.second]);
      op.ifm_tensor = static_cast<int32_t>(node.input);
      op.ifm2_tensor = node.binary() ? static_cast<int32_t>(node.second) : UDC_NPU_NO_TENSOR;
      op.ofm_tensor = static_cast<int32_t>(operators.size()) + 1;
      operators.push_back(op);
    }
    estimate(config, operators, file.layerBytes, rows, required(network, "network"));
  });
}
