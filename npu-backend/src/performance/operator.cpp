#include "performance/operator.h"

#include "common/status.h"

namespace udc::npu {
namespace {

constexpr const char* kKindNames[] = {"conv",
                                      "depthwise",
                                      "fully_connected",
                                      "max_pool",
                                      "avg_pool",
                                      "reduce_sum",
                                      "add",
                                      "sub",
                                      "mul",
                                      "minimum",
                                      "maximum",
                                      "shift_right",
                                      "shift_left",
                                      "abs",
                                      "leaky_relu",
                                      "count_leading_zeros",
                                      "softmax",
                                      "transpose_conv",
                                      "resize",
                                      "mean",
                                      "pad",
                                      "concatenation",
                                      "split"};
static_assert(sizeof(kKindNames) / sizeof(kKindNames[0]) == UDC_NPU_OP_KIND_COUNT);

constexpr int32_t kMaxAxis = 65536;   // the hardware's registers hold no more
constexpr int32_t kMaxKernel = 4096;  // keeps every product of the model within 63 bits
constexpr int32_t kMaxStride = 4096;
constexpr int32_t kMaxTensor = 1 << 20;
constexpr int32_t kMaxHardwareStride = 3;

bool within(int32_t value, int32_t low, int32_t high) { return value >= low && value <= high; }

bool validShape(const Shape& s) {
  return within(s.height, 1, kMaxAxis) && within(s.width, 1, kMaxAxis) &&
         within(s.depth, 1, kMaxAxis);
}

bool validBits(int32_t bits) { return bits == 8 || bits == 16 || bits == 32; }

int32_t extent(int32_t kernel, int32_t dilation) { return (kernel - 1) * dilation + 1; }

// Output positions along one axis; 0 if the kernel does not fit.
int32_t outputAxis(int32_t input, int32_t kernel, int32_t stride, int32_t dilation,
                   int32_t padding) {
  if (padding == UDC_NPU_PADDING_SAME) {
    return static_cast<int32_t>(ceilDiv(input, stride));
  }
  const int32_t span = input - extent(kernel, dilation) + 1;
  return span > 0 ? static_cast<int32_t>(ceilDiv(span, stride)) : 0;
}

// Everything of an operator but its output shape.
udc_npu_status validateInputs(const udc_npu_op& op, udc_npu_error* error) noexcept {
  const auto invalid = [&](const char* what) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%s: %s", kKindNames[op.kind], what);
  };
  if (!validShape(op.ifm)) {
    return invalid("an axis of the ifm is not in 1..65536");
  }
  if (!within(op.kernel_height, 1, kMaxKernel) || !within(op.kernel_width, 1, kMaxKernel) ||
      !within(op.stride_y, 1, kMaxStride) || !within(op.stride_x, 1, kMaxStride)) {
    return invalid("kernel or stride not in 1..4096");
  }
  if (!within(op.dilation_y, 1, 2) || !within(op.dilation_x, 1, 2)) {
    return invalid("dilation not in 1..2");
  }
  if (!within(op.padding, UDC_NPU_PADDING_SAME, UDC_NPU_PADDING_EXPLICIT)) {
    return invalid("unknown padding");
  }
  if (!validBits(op.ifm_bits) || !validBits(op.ofm_bits)) {
    return invalid("bits are not 8, 16 or 32");
  }
  if (op.ifm_bits == 32 && !isElementwise(op) && op.kind != UDC_NPU_OP_REDUCE_SUM) {
    return invalid("32-bit input is for elementwise operators and reduce_sum");
  }
  if (!within(op.activation, UDC_NPU_ACTIVATION_NONE, UDC_NPU_ACTIVATION_TABLE)) {
    return invalid("unknown activation");
  }
  if (!within(op.table_bytes, 0, 2048) ||
      (op.table_bytes > 0 && op.activation != UDC_NPU_ACTIVATION_TABLE)) {
    return invalid("table_bytes not in 0..2048, or without the table activation");
  }
  for (const int32_t flag : {op.ifm_format, op.ifm2_format, op.ofm_format, op.ifm_placement,
                             op.ifm2_placement, op.ofm_placement}) {
    if (!within(flag, 0, 1)) {
      return invalid("unknown format or placement");
    }
  }
  for (const int32_t tensor : {op.ifm_tensor, op.ifm2_tensor, op.ofm_tensor}) {
    if (!within(tensor, UDC_NPU_NO_TENSOR, kMaxTensor - 1)) {
      return invalid("a tensor number is not in -1..2^20-1");
    }
  }
  if (op.batch != 1 && (!isFullyConnected(op) || !within(op.batch, 1, kMaxAxis))) {
    return invalid("batch must be 1, or up to 65536 if fully connected");
  }
  if (isFullyConnected(op) &&
      (kernelElements(op) != 1 || op.ifm.height != 1 || op.ifm.width != 1)) {
    // A rewritten batch has rows and columns of its own, and a batch of 1.
    if (kernelElements(op) != 1 || op.batch != 1) {
      return invalid("the ifm must be flattened to 1 x 1 x C and the kernel be 1 x 1");
    }
  }
  const bool second = op.ifm2.height != 0 || op.ifm2.width != 0 || op.ifm2.depth != 0;
  if (second != isBinary(op) || (second && !validShape(op.ifm2))) {
    return invalid(isBinary(op) ? "the second input's shape is missing or not in 1..65536"
                                : "takes no second input");
  }
  if (op.ifm2_scalar != 0 && (!second || elements(op.ifm2) != 1)) {
    return invalid("a scalar second input must be of shape 1 x 1 x 1");
  }
  if (isElementwise(op) && (kernelElements(op) != 1 || op.stride_y != 1 || op.stride_x != 1)) {
    return invalid("has no kernel and no strides");
  }
  return UDC_NPU_OK;
}

bool broadcastable(const Shape& in, const Shape& out) {
  const auto fits = [](int32_t a, int32_t b) { return a == b || a == 1; };
  return fits(in.height, out.height) && fits(in.width, out.width) && fits(in.depth, out.depth);
}

Shape inferOutput(const udc_npu_op& op, int32_t outChannels) {
  if (isElementwise(op)) {
    return isBinary(op)
               ? Shape{std::max(op.ifm.height, op.ifm2.height),
                       std::max(op.ifm.width, op.ifm2.width), std::max(op.ifm.depth, op.ifm2.depth)}
               : op.ifm;
  }
  if (isFullyConnected(op)) {
    return {op.ifm.height, op.ifm.width, outChannels};
  }
  if (op.kind == UDC_NPU_OP_REDUCE_SUM) {
    return {op.ifm.height, op.ifm.width, 1};
  }
  return {outputAxis(op.ifm.height, op.kernel_height, op.stride_y, op.dilation_y, op.padding),
          outputAxis(op.ifm.width, op.kernel_width, op.stride_x, op.dilation_x, op.padding),
          op.kind == UDC_NPU_OP_CONV ? outChannels : op.ifm.depth};
}

// Padding that SAME needs along an axis of n for a filter of f at stride s.
int32_t neededPadding(int32_t n, int32_t s, int32_t f) {
  return std::max(n % s == 0 ? f - s : f - n % s, 0);
}

// Columns of the input that become channels; 1 if none. Only the first operator profits at strides
// that the hardware has; larger strides must be folded to run at all.
int32_t foldingRatio(const udc_npu_op& op) {
  const int32_t stride = op.stride_x;
  const bool candidate = (op.first != 0 && (stride == 2 || stride == 3)) || stride >= 4;
  if (op.kind != UDC_NPU_OP_CONV || !candidate || op.padding == UDC_NPU_PADDING_EXPLICIT) {
    return 1;
  }
  int32_t ratio = 1;
  if (op.ifm.width % stride == 0) {
    ratio = stride;
  } else {
    for (const int32_t hardware : {2, 3}) {
      if (stride % hardware == 0 && op.ifm.width % (stride / hardware) == 0) {
        ratio = stride / hardware;
        break;
      }
    }
    if (ratio == stride) {
      ratio = 1;
    }
  }
  return ratio != 1 && (op.ifm.depth * ratio <= 8 || stride > 3) ? ratio : 1;
}

void foldWidth(udc_npu_rewritten_op* result) {
  udc_npu_op& op = result->op;
  const int32_t r = foldingRatio(op);
  if (r == 1) {
    return;
  }
  const int32_t width = op.ifm.width;
  const int32_t filter = op.kernel_width;
  const int32_t stride = op.stride_x / r;
  int32_t padding = 0;
  int32_t extra = 0;
  int32_t left = 0;
  if (op.padding == UDC_NPU_PADDING_SAME) {
    padding = neededPadding(width, op.stride_x, filter);
    const int32_t expected =
        width % (stride * r) == 0 ? padding + stride : padding + (width / r) % stride;
    extra = std::max(expected * r - filter, 0);
    // Each column of padding on the left stands for r columns now: zeros make up for r - 1 of them.
    left = std::min(padding / 2 * (r - 1), extra);
  }
  if (filter % r != 0 && (extra == 0 || padding == 0)) {
    extra = r - filter % r;
    left = 0;
  }
  if (op.padding == UDC_NPU_PADDING_SAME &&
      neededPadding(width / r, stride, (filter + 1 + extra) / r) != padding) {
    return;
  }
  if ((filter + extra) % r != 0) {
    return;
  }
  op.ifm.width = width / r;
  op.ifm.depth *= r;
  op.kernel_width = (filter + extra) / r;
  op.stride_x = stride;
  result->fold = r;
  result->fold_pad_left = left;
  result->fold_pad_right = extra - left;
}

// Rows of a batch spread over height and width, which the blocks of a vector product cover.
void spreadBatch(udc_npu_op* op) {
  if (op->batch == 1) {
    return;
  }
  const int32_t n = op->batch;
  const int32_t height = n == 4 || n == 8 ? 2 : n == 16 ? 4 : 1;
  op->ifm.height = op->ofm.height = height;
  op->ifm.width = op->ofm.width = n / height;
  op->batch = 1;
}

}  // namespace

udc_npu_status validate(const udc_npu_op* op, udc_npu_error* error) noexcept {
  if (op == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "op is null");
  }
  if (!within(op->kind, 0, UDC_NPU_OP_KIND_COUNT - 1)) {
    return fail(error, UDC_NPU_UNSUPPORTED, "operator kind %d is unknown to the latency model",
                op->kind);
  }
  if (op->kind >= UDC_NPU_OP_SOFTMAX) {
    return fail(error, UDC_NPU_UNSUPPORTED, "the latency model does not cover the operator %s",
                kKindNames[op->kind]);
  }
  if (const udc_npu_status status = validateInputs(*op, error); status != UDC_NPU_OK) {
    return status;
  }
  if (!validShape(op->ofm)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "%s: an axis of the ofm is not in 1..65536",
                kKindNames[op->kind]);
  }
  if (isElementwise(*op)) {
    if (!broadcastable(op->ifm, op->ofm) || (isBinary(*op) && !broadcastable(op->ifm2, op->ofm))) {
      return fail(error, UDC_NPU_INVALID_ARGUMENT, "%s: the inputs do not broadcast to the ofm",
                  kKindNames[op->kind]);
    }
    return UDC_NPU_OK;
  }
  if (isEqualDepth(*op) && op->ifm.depth != op->ofm.depth) {
    return fail(error, UDC_NPU_UNSUPPORTED,
                "the latency model does not cover %s with %d channels in and %d out",
                kKindNames[op->kind], op->ifm.depth, op->ofm.depth);
  }
  const bool spatial = isConvolution(*op) || isPooling(*op);
  const Shape expected = inferOutput(*op, op->ofm.depth);
  if ((!spatial || op->padding != UDC_NPU_PADDING_EXPLICIT) && expected != op->ofm) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "%s: the ofm is %d x %d x %d, expected %d x %d x %d", kKindNames[op->kind],
                op->ofm.height, op->ofm.width, op->ofm.depth, expected.height, expected.width,
                expected.depth);
  }
  const udc_npu_op final = rewrite(*op).op;
  if (final.stride_y > kMaxHardwareStride || final.stride_x > kMaxHardwareStride) {
    return fail(error, UDC_NPU_UNSUPPORTED,
                "the latency model does not cover %s with strides %d x %d: they cannot be folded",
                kKindNames[op->kind], op->stride_y, op->stride_x);
  }
  return UDC_NPU_OK;
}

udc_npu_rewritten_op rewrite(const udc_npu_op& original) noexcept {
  udc_npu_rewritten_op result{original, 1, 0, 0};
  udc_npu_op& op = result.op;
  if (op.kind == UDC_NPU_OP_CONV && kernelElements(op) == 1 && op.ifm.height == 1 &&
      op.ifm.width == 1) {
    op.kind = UDC_NPU_OP_FULLY_CONNECTED;
  }
  if (isFullyConnected(op)) {
    spreadBatch(&op);
  }
  foldWidth(&result);
  if (isPooling(op) && op.kernel_height == op.stride_y && op.kernel_width == op.stride_x &&
      op.kernel_height == op.ifm.height && op.kernel_width == op.ifm.width) {
    op.stride_y = op.stride_x = 1;
  }
  if (op.ofm.height == 1) {
    op.stride_y = 1;
  }
  if (op.ofm.width == 1) {
    op.stride_x = 1;
  }
  // Strides are final and the shapes agree: SAME and VALID would not reproduce them from here.
  op.padding = UDC_NPU_PADDING_EXPLICIT;
  op.first = 0;
  return result;
}

}  // namespace udc::npu

using namespace udc::npu;

extern "C" const char* udc_npu_op_kind_name(int32_t kind) {
  return within(kind, 0, UDC_NPU_OP_KIND_COUNT - 1) ? kKindNames[kind] : nullptr;
}

extern "C" udc_npu_status udc_npu_op_init(int32_t kind, udc_npu_op* op, udc_npu_error* error) {
  if (op == nullptr || udc_npu_op_kind_name(kind) == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "op is null or there is no operator kind %d",
                kind);
  }
  *op = udc_npu_op{};
  op->kind = kind;
  op->batch = 1;
  op->kernel_height = op->kernel_width = 1;
  op->stride_y = op->stride_x = 1;
  op->dilation_y = op->dilation_x = 1;
  op->ifm_bits = op->ofm_bits = 8;
  op->ifm_tensor = op->ifm2_tensor = op->ofm_tensor = UDC_NPU_NO_TENSOR;
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_op_infer_output(udc_npu_op* op, int32_t out_channels,
                                                  udc_npu_error* error) {
  if (op == nullptr || !within(op->kind, 0, UDC_NPU_OP_SOFTMAX - 1)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "op is null or of a kind that is not modelled");
  }
  if (op->padding == UDC_NPU_PADDING_EXPLICIT) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "explicit padding does not tell the output shape");
  }
  if (const udc_npu_status status = validateInputs(*op, error); status != UDC_NPU_OK) {
    return status;
  }
  const Shape ofm = inferOutput(*op, out_channels);
  if (!validShape(ofm)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "%s: the kernel does not fit the ifm, or out_channels %d is not in 1..65536",
                kKindNames[op->kind], out_channels);
  }
  op->ofm = ofm;
  return UDC_NPU_OK;
}

extern "C" udc_npu_status udc_npu_rewrite_op(const udc_npu_op* op, udc_npu_rewritten_op* rewritten,
                                             udc_npu_error* error) {
  if (rewritten == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "rewritten is null");
  }
  if (const udc_npu_status status = validate(op, error); status != UDC_NPU_OK) {
    return status;
  }
  *rewritten = rewrite(*op);
  return UDC_NPU_OK;
}
