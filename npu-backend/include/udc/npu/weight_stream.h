/*
 * The compressed weight stream of Ethos-U55 and Ethos-U65 (docs/weight-stream.md): encoding, exact
 * size, decoding.
 *
 * Weights are integers in -255..255, that is 8-bit weights less their 8-bit zero point. Every
 * function is pure and may be called from any number of threads at once.
 */
#ifndef UDC_NPU_WEIGHT_STREAM_H
#define UDC_NPU_WEIGHT_STREAM_H

#include <stdint.h>

#include "udc/npu/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How hard the encoder searches. Both give streams that every conforming decoder reads. */
typedef enum udc_npu_effort {
  UDC_NPU_EFFORT_FAST = 0, /* one palette for the whole stream; for loops that ask for sizes */
  UDC_NPU_EFFORT_BEST = 1, /* splits the stream where its statistics change; for files */
  UDC_NPU_EFFORT_ANY = 0x7fffffff /* not an effort: lets a wrong value be refused, not undefined */
} udc_npu_effort;

/* Arrays of one batch call are described by these. */
typedef struct udc_npu_weights {
  const int16_t* weights;
  uint64_t count;
} udc_npu_weights;

/* Bytes that suffice for the stream of any `count` weights at any effort; 0 if count is 0. */
UDC_NPU_API uint64_t udc_npu_encoded_size_bound(uint64_t count);

/*
 * Encodes `count` (at least 1) weights into out[0..capacity). *size gets the stream's bytes, always
 * a multiple of 16, also with UDC_NPU_BUFFER_TOO_SMALL, where nothing is written.
 */
UDC_NPU_API udc_npu_status udc_npu_encode_weights(const int16_t* weights, uint64_t count,
                                                  udc_npu_effort effort, uint8_t* out,
                                                  uint64_t capacity, uint64_t* size,
                                                  udc_npu_error* error);

/* Bytes that udc_npu_encode_weights would write at this effort, without writing them. */
UDC_NPU_API udc_npu_status udc_npu_encoded_size(const int16_t* weights, uint64_t count,
                                                udc_npu_effort effort, uint64_t* size,
                                                udc_npu_error* error);

/* The same for 8-bit weights whose zero point is 0. */
UDC_NPU_API udc_npu_status udc_npu_encoded_size_int8(const int8_t* weights, uint64_t count,
                                                     udc_npu_effort effort, uint64_t* size,
                                                     udc_npu_error* error);

/*
 * Sizes of several independent streams: sizes[i] for arrays[i]. Stops at the first array that is
 * not valid, which the message names.
 */
UDC_NPU_API udc_npu_status udc_npu_encoded_sizes(const udc_npu_weights* arrays,
                                                 uint64_t array_count, udc_npu_effort effort,
                                                 uint64_t* sizes, udc_npu_error* error);

/*
 * Decodes a stream of `size` bytes, or several concatenated ones. At most `capacity` weights are
 * accepted, else UDC_NPU_LIMIT_EXCEEDED. With a null `out` they are checked and counted only.
 * *count gets the number of weights decoded, also when the stream turns out to be corrupt.
 *
 * The stream is untrusted: any bytes end in a status, with the bit position of what is wrong in
 * `error`. Time is linear in size + capacity; besides `out` less than 300 KiB of memory are used.
 */
UDC_NPU_API udc_npu_status udc_npu_decode_weights(const uint8_t* stream, uint64_t size,
                                                  int16_t* out, uint64_t capacity, uint64_t* count,
                                                  udc_npu_error* error);

/* Zero-order entropy of the weights in bits per weight: a yardstick beside the real size. */
UDC_NPU_API udc_npu_status udc_npu_weight_entropy(const int16_t* weights, uint64_t count,
                                                  double* bits_per_weight, udc_npu_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_NPU_WEIGHT_STREAM_H */
