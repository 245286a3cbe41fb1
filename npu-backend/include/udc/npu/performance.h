/*
 * Latency and memory of neural networks on Ethos-U, the way Arm's Vela compiler estimates them.
 * All functions are pure: no globals, no printing, safe to call from many threads at once.
 * Cycles are NPU clock cycles. docs/performance.md says what is modelled and what is not.
 */
#ifndef UDC_NPU_PERFORMANCE_H
#define UDC_NPU_PERFORMANCE_H

#include <stddef.h>
#include <stdint.h>

#include "udc/npu/accelerator.h"
#include "udc/npu/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Configuration. Values of all enums are stable: new ones are added at the end. ---- */

typedef enum udc_npu_system_config {
  UDC_NPU_ETHOS_U55_DEEP_EMBEDDED = 0,
  UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED = 1,
  UDC_NPU_ETHOS_U65_EMBEDDED = 2,
  UDC_NPU_ETHOS_U65_MID_END = 3,
  UDC_NPU_ETHOS_U65_HIGH_END = 4,
  UDC_NPU_ETHOS_U65_CLIENT_SERVER = 5
} udc_npu_system_config;

#define UDC_NPU_SYSTEM_CONFIG_COUNT 6

typedef enum udc_npu_memory_mode {
  UDC_NPU_SRAM_ONLY = 0,
  UDC_NPU_SHARED_SRAM = 1,
  UDC_NPU_DEDICATED_SRAM = 2,
  UDC_NPU_DEDICATED_SRAM_512KB = 3
} udc_npu_memory_mode;

#define UDC_NPU_MEMORY_MODE_COUNT 4

/* How the block of each operator is chosen. */
typedef enum udc_npu_block_choice {
  UDC_NPU_BLOCK_VELA = 0,         /* Vela's rule: the least data fetched again */
  UDC_NPU_BLOCK_FEWEST_CYCLES = 1 /* the fewest estimated cycles; Vela itself cannot be told so */
} udc_npu_block_choice;

/* What to estimate for. The int32_t fields hold values of the enums of the same name. */
typedef struct udc_npu_performance_config {
  int32_t accelerator;
  int32_t system_config;
  int32_t memory_mode;
  int32_t block_choice;
} udc_npu_performance_config;

/* Vela's defaults: High_End_Embedded, Shared_Sram for U55; Client_Server, Dedicated_Sram for U65.
 */
UDC_NPU_API udc_npu_status udc_npu_performance_defaults(udc_npu_accelerator accelerator,
                                                        udc_npu_performance_config* config,
                                                        udc_npu_error* error);

/* Names as in Vela's configuration, e.g. "Ethos_U55_High_End_Embedded"; NULL for unknown values. */
UDC_NPU_API const char* udc_npu_system_config_name(int32_t system_config);
UDC_NPU_API const char* udc_npu_memory_mode_name(int32_t memory_mode);

/* The values of zero-terminated names (exact). UDC_NPU_INVALID_ARGUMENT lists the known names. */
UDC_NPU_API udc_npu_status udc_npu_system_config_by_name(const char* name, int32_t* system_config,
                                                         udc_npu_error* error);
UDC_NPU_API udc_npu_status udc_npu_memory_mode_by_name(const char* name, int32_t* memory_mode,
                                                       udc_npu_error* error);

/* NPU clock in Hz; 0 for unknown values. */
UDC_NPU_API double udc_npu_system_config_clock(int32_t system_config);

/* ---- Operators ---- */

typedef enum udc_npu_op_kind {
  UDC_NPU_OP_CONV = 0,
  UDC_NPU_OP_DEPTHWISE = 1,
  UDC_NPU_OP_FULLY_CONNECTED = 2,
  UDC_NPU_OP_MAX_POOL = 3,
  UDC_NPU_OP_AVERAGE_POOL = 4,
  UDC_NPU_OP_REDUCE_SUM = 5,
  UDC_NPU_OP_ADD = 6,
  UDC_NPU_OP_SUB = 7,
  UDC_NPU_OP_MUL = 8,
  UDC_NPU_OP_MINIMUM = 9,
  UDC_NPU_OP_MAXIMUM = 10,
  UDC_NPU_OP_SHIFT_RIGHT = 11,
  UDC_NPU_OP_SHIFT_LEFT = 12,
  UDC_NPU_OP_ABS = 13,
  UDC_NPU_OP_LEAKY_RELU = 14,
  UDC_NPU_OP_COUNT_LEADING_ZEROS = 15,
  /* Known by name, so that the refusal can say it: the model does not cover these. */
  UDC_NPU_OP_SOFTMAX = 16,
  UDC_NPU_OP_TRANSPOSE_CONV = 17,
  UDC_NPU_OP_RESIZE = 18,
  UDC_NPU_OP_MEAN = 19,
  UDC_NPU_OP_PAD = 20,
  UDC_NPU_OP_CONCATENATION = 21,
  UDC_NPU_OP_SPLIT = 22
} udc_npu_op_kind;

#define UDC_NPU_OP_KIND_COUNT 23

/* Name of a kind, e.g. "conv", "transpose_conv"; NULL for unknown values. */
UDC_NPU_API const char* udc_npu_op_kind_name(int32_t kind);

typedef enum udc_npu_padding {
  UDC_NPU_PADDING_SAME = 0,
  UDC_NPU_PADDING_VALID = 1,
  UDC_NPU_PADDING_EXPLICIT = 2 /* the output shape is taken as given */
} udc_npu_padding;

typedef enum udc_npu_tensor_format {
  UDC_NPU_NHWC = 0,
  UDC_NPU_NHCWB16 = 1 /* bricks of 16 channels */
} udc_npu_tensor_format;

typedef enum udc_npu_activation {
  UDC_NPU_ACTIVATION_NONE = 0,
  UDC_NPU_ACTIVATION_RELU = 1, /* ReLU, ReLU6, ReLU -1..1 */
  UDC_NPU_ACTIVATION_TABLE = 2 /* sigmoid, tanh or any other lookup table */
} udc_npu_activation;

typedef enum udc_npu_placement {
  UDC_NPU_PLACE_ARENA = 0, /* where the memory mode keeps feature maps */
  UDC_NPU_PLACE_FAST = 1   /* the SRAM next to the NPU; the same place in all but Dedicated modes */
} udc_npu_placement;

/* The absence of a tensor in udc_npu_op. */
#define UDC_NPU_NO_TENSOR (-1)

/* One operator. Start from udc_npu_op_init: every field but the shapes has a default there. */
typedef struct udc_npu_op {
  int32_t kind;
  udc_npu_shape3 ifm;
  udc_npu_shape3 ifm2; /* second input of a binary operator; all zero if there is none */
  udc_npu_shape3 ofm;
  int32_t batch; /* fully connected only: rows of input */
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride_y;
  int32_t stride_x;
  int32_t dilation_y;
  int32_t dilation_x;
  int32_t padding;
  int32_t ifm_bits; /* 8, 16 or 32 */
  int32_t ofm_bits;
  int32_t ifm_format;
  int32_t ifm2_format;
  int32_t ofm_format;
  int32_t ifm_placement;
  int32_t ifm2_placement;
  int32_t ofm_placement;
  int32_t activation;
  int32_t table_bytes; /* size of the lookup table of UDC_NPU_ACTIVATION_TABLE, else 0 */
  int32_t ifm2_scalar; /* not 0: the second input is a constant of one element */
  int32_t first;       /* not 0: first operator of the network (its strides may be folded) */
  /* Tensors of a network, numbered by the caller from 0; udc_npu_estimate_network reads them. */
  int32_t ifm_tensor;
  int32_t ifm2_tensor;
  int32_t ofm_tensor;
} udc_npu_op;

/* An operator of this kind: 1x1 kernel, strides and dilations 1, 8 bits, NHWC, no tensors. */
UDC_NPU_API udc_npu_status udc_npu_op_init(int32_t kind, udc_npu_op* op, udc_npu_error* error);

/*
 * Sets op->ofm from its kind, ifm, kernel, strides, dilations and padding (SAME or VALID).
 * `out_channels` is used by convolutions and fully connected operators, ignored by others.
 */
UDC_NPU_API udc_npu_status udc_npu_op_infer_output(udc_npu_op* op, int32_t out_channels,
                                                   udc_npu_error* error);

/* What Vela turns an operator into before it costs it. */
typedef struct udc_npu_rewritten_op {
  udc_npu_op op;
  /*
   * Width folding: `fold` columns of the input become channels. 1 if nothing is folded. The filter,
   * O x H x W x I, gets fold_pad_left + fold_pad_right columns of zeros; then column x, channel i
   * becomes column x / fold, channel (x % fold) * I + i.
   */
  int32_t fold;
  int32_t fold_pad_left;
  int32_t fold_pad_right;
} udc_npu_rewritten_op;

UDC_NPU_API udc_npu_status udc_npu_rewrite_op(const udc_npu_op* op, udc_npu_rewritten_op* rewritten,
                                              udc_npu_error* error);

/*
 * Encoded bytes (scale records, padding and streams of all cores) of the output channels
 * [depth_begin, depth_end) of a rewritten operator. Any status but UDC_NPU_OK ends the estimate.
 */
typedef udc_npu_status (*udc_npu_encoded_bytes)(void* user, const udc_npu_op* rewritten,
                                                int32_t ofm_block_depth, int32_t depth_begin,
                                                int32_t depth_end, uint64_t* bytes);

/*
 * Encoded sizes of one operator's weights. For a range, in this order: the entry of the list with
 * exactly these bounds; full_bytes for all channels (if not 0); `encode` (if not NULL); the range's
 * share of full_bytes rounded up to 16. UDC_NPU_INVALID_ARGUMENT if none of these is there.
 */
typedef struct udc_npu_weight_sizes {
  udc_npu_encoded_bytes encode;
  void* user;
  uint64_t full_bytes;
  size_t range_count;
  const int32_t* range_begin;
  const int32_t* range_end;
  const uint64_t* range_bytes;
} udc_npu_weight_sizes;

/* ---- One layer ---- */

/* Block of an operator. */
typedef struct udc_npu_block {
  udc_npu_shape3 ofm;
  udc_npu_shape3 ifm;
  int32_t part_kernel; /* not 0: the cycle model takes the kernel in parts (convolution) */
  int32_t accumulator_bits;
  int32_t choice; /* udc_npu_block_choice by which it was found */
} udc_npu_block;

/* Block by Vela's rule, whatever config->block_choice says. `op` is rewritten first. */
UDC_NPU_API udc_npu_status udc_npu_find_block(const udc_npu_performance_config* config,
                                              const udc_npu_op* op, udc_npu_block* block,
                                              udc_npu_error* error);

typedef enum udc_npu_buffering {
  UDC_NPU_BUFFERING_NONE = 0,     /* weights are read where they are stored, or there are none */
  UDC_NPU_BUFFERING_STANDARD = 1, /* copied to fast storage before the operator starts */
  UDC_NPU_BUFFERING_DOUBLE = 2    /* copied slice by slice while the operator runs */
} udc_npu_buffering;

typedef enum udc_npu_resource {
  UDC_NPU_RESOURCE_NPU = 0,
  UDC_NPU_RESOURCE_SRAM = 1,
  UDC_NPU_RESOURCE_DRAM = 2,
  UDC_NPU_RESOURCE_ONCHIP_FLASH = 3,
  UDC_NPU_RESOURCE_OFFCHIP_FLASH = 4
} udc_npu_resource;

#define UDC_NPU_RESOURCE_COUNT 5

/* Cycles by resource. The total of one operator is their maximum, of a network the operators' sum.
 */
typedef struct udc_npu_cycles {
  double npu;
  double sram;
  double dram;
  double onchip_flash;
  double offchip_flash;
  double total;
} udc_npu_cycles;

typedef struct udc_npu_layer_estimate {
  udc_npu_op op; /* as costed: rewritten, with formats and placements */
  udc_npu_block block;
  udc_npu_cycles cycles;
  int32_t ruling_resource; /* the udc_npu_resource that makes the total */
  int32_t buffering;
  /* Depth slices: 0, first, first + next, first + 2 next, ... and the OFM's depth at the end. */
  int32_t slice_count;
  int32_t first_slice_depth;
  int32_t next_slice_depth;
  uint64_t buffer_bytes[2];  /* fast storage for weights: even and odd slices */
  uint64_t encoded_bytes;    /* weights and scales as sliced */
  uint64_t full_bytes;       /* the same in one range */
  uint64_t original_weights; /* after rewriting */
  double transfer_cycles;    /* copy of full_bytes to fast storage; 0 if not buffered */
  double slack;              /* cycles in which the next operator's weights can be copied */
  uint64_t macs;
  double utilisation;  /* macs / (total cycles x MACs per cycle of all cores) */
  uint64_t sram_bytes; /* network: live feature maps and weight buffers in SRAM */
} udc_npu_layer_estimate;

/*
 * Estimate of one operator by itself. `sizes` may be NULL for operators without weights.
 * UDC_NPU_UNSUPPORTED, with the operator's name in the message, if the model does not cover it.
 */
UDC_NPU_API udc_npu_status udc_npu_estimate_layer(const udc_npu_performance_config* config,
                                                  const udc_npu_op* op,
                                                  const udc_npu_weight_sizes* sizes,
                                                  udc_npu_layer_estimate* estimate,
                                                  udc_npu_error* error);

/*
 * The estimate's slice_count + 1 slice bounds. *count is set to their number in any case;
 * UDC_NPU_BUFFER_TOO_SMALL if that is more than capacity.
 */
UDC_NPU_API udc_npu_status udc_npu_depth_slices(const udc_npu_layer_estimate* estimate,
                                                int32_t* bounds, size_t capacity, size_t* count,
                                                udc_npu_error* error);

/*
 * The size whose copy to fast storage takes transfer_cycles, where reports tell the cycles only:
 * encoded sizes are multiples of 16, of which each takes another time. UDC_NPU_INVALID_ARGUMENT if
 * none takes that long.
 */
UDC_NPU_API udc_npu_status udc_npu_transferred_bytes(const udc_npu_performance_config* config,
                                                     double transfer_cycles, uint64_t* bytes,
                                                     udc_npu_error* error);

/* ---- Networks ---- */

typedef struct udc_npu_network_estimate {
  udc_npu_cycles cycles;
  double milliseconds;
  uint64_t macs;
  uint64_t encoded_bytes;
  uint64_t original_weights;
  uint64_t peak_sram_bytes; /* the largest sram_bytes of a row; see docs/performance.md */
  int32_t peak_sram_op;     /* its index */
  int32_t spilled_tensors;  /* Dedicated modes: intermediate tensors that do not fit in the SRAM */
} udc_npu_network_estimate;

/*
 * Estimate of op_count operators in execution order, which meet at tensors: tensor numbers are
 * below 2^20, each is written once at most, before it is read. Tensors that no operator writes are
 * the network's inputs, those that none reads its outputs. A reshape between two operators is not
 * an operator: they share the tensor. Formats, placements and `first` of the operators are set
 * here; what the caller put there is ignored. sizes[i] belongs to ops[i]; sizes may be NULL if no
 * operator has weights. `rows` has room for op_count estimates, or is NULL.
 */
UDC_NPU_API udc_npu_status udc_npu_estimate_network(const udc_npu_performance_config* config,
                                                    const udc_npu_op* ops, size_t op_count,
                                                    const udc_npu_weight_sizes* sizes,
                                                    udc_npu_layer_estimate* rows,
                                                    udc_npu_network_estimate* network,
                                                    udc_npu_error* error);

/* ---- Cost tables for an architecture search ---- */

/*
 * A grid of widths and compressions of one operator. Weights of `bits` b and sparsity s take
 * bits_per_weight[b * sparsity_count + s] bits each in the encoded stream.
 */
typedef struct udc_npu_cost_grid {
  const int32_t* input_widths;
  size_t input_width_count;
  const int32_t* output_widths; /* must be one entry, 0, if the output is as wide as the input */
  size_t output_width_count;
  const double* bits_per_weight;
  size_t bits_count;
  size_t sparsity_count;
} udc_npu_cost_grid;

/*
 * Total cycles and encoded bytes over a grid, for an operator like `op` with other widths (depths
 * of ifm, ifm2 and ofm). Cell ((i * outputs + o) * bits_count + b) * sparsity_count + s of `cycles`
 * and `bytes`, which have room for `capacity` cells each; either may be NULL.
 */
UDC_NPU_API udc_npu_status udc_npu_cost_table(const udc_npu_performance_config* config,
                                              const udc_npu_op* op, const udc_npu_cost_grid* grid,
                                              double* cycles, uint64_t* bytes, size_t capacity,
                                              udc_npu_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_NPU_PERFORMANCE_H */
