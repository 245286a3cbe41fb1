/*
 * From a layer's weights to the tensor that the NPU reads, and back: brick order, depth slices,
 * cores, scale and bias records (docs/weight-stream.md, "Layers").
 *
 * Weights are int16 in OHWI order (output channel, kernel row, kernel column, input channel) with
 * the zero point subtracted, in -255..255. Depthwise layers have as many output channels as
 * channels and in_channels = 1; fully connected layers have a 1 x 1 kernel. The kernel of a
 * transposed convolution has to be flipped in rows and columns by the caller.
 *
 * Every function is pure and may be called from any number of threads at once.
 */
#ifndef UDC_NPU_LAYER_H
#define UDC_NPU_LAYER_H

#include <stdint.h>

#include "udc/npu/accelerator.h"
#include "udc/npu/status.h"
#include "udc/npu/weight_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum udc_npu_layer_kind {
  UDC_NPU_LAYER_CONV = 0,
  UDC_NPU_LAYER_DEPTHWISE = 1,
  UDC_NPU_LAYER_DENSE = 2, /* fully connected */
  UDC_NPU_LAYER_ANY = 0x7fffffff /* not a kind: lets a wrong value be refused, not undefined */
} udc_npu_layer_kind;

typedef enum udc_npu_traversal {
  UDC_NPU_DEPTH_FIRST = 0,
  UDC_NPU_PART_KERNEL_FIRST = 1,
  UDC_NPU_DEPTHWISE_ORDER = 2,
  UDC_NPU_TRAVERSAL_ANY = 0x7fffffff /* not an order: the same */
} udc_npu_traversal;

/* What the weight tensor of a layer depends on besides the weights. */
typedef struct udc_npu_layer {
  udc_npu_layer_kind kind;
  udc_npu_accelerator accelerator;
  int32_t out_channels;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t in_channels;
  int32_t dilation_y;      /* 1 or 2 */
  int32_t dilation_x;      /* 1 or 2 */
  int32_t ifm_bits;        /* 8 or 16 */
  int32_t ofm_block_depth; /* of the block configuration, for all cores together */
  /* Boundaries 0, ..., out_channels of the depth slices; null or none for a single slice. */
  const int32_t* depth_slices;
  uint32_t depth_slice_count; /* boundaries, that is slices + 1 */
} udc_npu_layer;

/* Bias and output scale of one channel: output = (accumulator + bias) * scale / 2^shift. */
typedef struct udc_npu_scale_record {
  int64_t bias; /* 40 bits, signed */
  uint32_t scale;
  uint32_t shift; /* 0..63 */
} udc_npu_scale_record;

#define UDC_NPU_SCALE_RECORD_BYTES 10

/* Where one core's part of one depth slice lies in the tensor. */
typedef struct udc_npu_layer_range {
  int32_t core;
  int32_t first_channel; /* the slice's first channel plus the core's index */
  int32_t channels;      /* every cores-th channel from first_channel on */
  uint64_t offset;       /* of the records; the stream follows after their padding */
  uint64_t record_bytes; /* without the padding to 16 */
  uint64_t stream_bytes; /* a multiple of 16 */
} udc_npu_layer_range;

/* One stream's brick order, for use without a layer. */
typedef struct udc_npu_brick {
  int32_t out_channels;
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t in_channels;
  udc_npu_traversal traversal;
  int32_t ofm_block_depth;
  int32_t ofm_ublock_depth;  /* 4 or 8 */
  int32_t ifm_bits;          /* 8 or 16 */
  int32_t sub_kernel_height; /* 8 / dilation */
  int32_t sub_kernel_width;
} udc_npu_brick;

/* The order in which an NPU reads the weights of this layer. */
UDC_NPU_API udc_npu_status udc_npu_layer_traversal(const udc_npu_layer* layer,
                                                   udc_npu_traversal* traversal,
                                                   udc_npu_error* error);

/* Weights of one stream in brick order, zero padding included. */
UDC_NPU_API udc_npu_status udc_npu_brick_count(const udc_npu_brick* brick, uint64_t* count,
                                               udc_npu_error* error);

/*
 * Brings OHWI weights into brick order. `weight_count` must be the product of the dimensions; out
 * holds `capacity` weights, *count gets how many are needed.
 */
UDC_NPU_API udc_npu_status udc_npu_reorder_weights(const udc_npu_brick* brick,
                                                   const int16_t* weights, uint64_t weight_count,
                                                   int16_t* out, uint64_t capacity, uint64_t* count,
                                                   udc_npu_error* error);

/* Back to OHWI. UDC_NPU_CORRUPT_STREAM if the padding is not zero. */
UDC_NPU_API udc_npu_status udc_npu_restore_weights(const udc_npu_brick* brick,
                                                   const int16_t* bricks, uint64_t brick_count,
                                                   int16_t* weights, uint64_t weight_count,
                                                   udc_npu_error* error);

/*
 * Scale and shift of a real factor >= 0 (input scale * weight scale / output scale). Factors that
 * no shift of 0..63 can express get scale 0. With `reduced` not 0 the scale has 16 bits, for 16-bit
 * inputs with 64-bit biases; UDC_NPU_UNSUPPORTED if the factor is too large for that.
 */
UDC_NPU_API udc_npu_status udc_npu_quantize_scale(double factor, int32_t reduced, uint32_t* scale,
                                                  uint32_t* shift, udc_npu_error* error);

UDC_NPU_API udc_npu_status udc_npu_pack_scale_record(const udc_npu_scale_record* record,
                                                     uint8_t bytes[UDC_NPU_SCALE_RECORD_BYTES],
                                                     udc_npu_error* error);
UDC_NPU_API udc_npu_status
udc_npu_unpack_scale_record(const uint8_t bytes[UDC_NPU_SCALE_RECORD_BYTES],
                            udc_npu_scale_record* record, udc_npu_error* error);

/* Upper bound of the tensor's bytes and of its ranges. */
UDC_NPU_API udc_npu_status udc_npu_layer_size_bound(const udc_npu_layer* layer, uint64_t* bytes,
                                                    uint32_t* ranges, udc_npu_error* error);

/*
 * The layer's complete tensor: for each depth slice and core the records, zero padded to 16 bytes,
 * then the stream. `records` holds one for each output channel; null stands for zeros. *size gets
 * the tensor's bytes, also with UDC_NPU_BUFFER_TOO_SMALL. ranges[0..range_capacity) get the parts'
 * places and *range_count their number; both may be null.
 */
UDC_NPU_API udc_npu_status udc_npu_encode_layer(
    const udc_npu_layer* layer, const int16_t* weights, uint64_t weight_count,
    const udc_npu_scale_record* records, uint64_t record_count, udc_npu_effort effort, uint8_t* out,
    uint64_t capacity, uint64_t* size, udc_npu_layer_range* ranges, uint32_t range_capacity,
    uint32_t* range_count, udc_npu_error* error);

/* Bytes and ranges that udc_npu_encode_layer would give, without the bytes. */
UDC_NPU_API udc_npu_status udc_npu_layer_encoded_size(const udc_npu_layer* layer,
                                                      const int16_t* weights, uint64_t weight_count,
                                                      udc_npu_effort effort, uint64_t* size,
                                                      udc_npu_layer_range* ranges,
                                                      uint32_t range_capacity,
                                                      uint32_t* range_count, udc_npu_error* error);

/*
 * A tensor, from this encoder or another, back to OHWI weights and, unless null, records. The
 * tensor is untrusted: it must hold exactly the layer's weights, zeros as padding included.
 */
UDC_NPU_API udc_npu_status udc_npu_decode_layer(const udc_npu_layer* layer, const uint8_t* tensor,
                                                uint64_t size, int16_t* weights,
                                                uint64_t weight_count,
                                                udc_npu_scale_record* records,
                                                uint64_t record_count, udc_npu_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_NPU_LAYER_H */
