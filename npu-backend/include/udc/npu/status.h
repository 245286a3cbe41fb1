/* Status codes and error details of the NPU backend's C ABI. */
#ifndef UDC_NPU_STATUS_H
#define UDC_NPU_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define UDC_NPU_API __attribute__((visibility("default")))
#else
#define UDC_NPU_API
#endif

/* Result of every call of this ABI. Values are stable: new ones are added at the end. */
typedef enum udc_npu_status {
  UDC_NPU_OK = 0,
  UDC_NPU_INVALID_ARGUMENT = 1, /* a null pointer, a size or a value out of its documented range */
  UDC_NPU_CORRUPT_STREAM = 2,   /* untrusted bytes that no conforming encoder writes */
  UDC_NPU_LIMIT_EXCEEDED = 3,   /* well formed, but larger than the limit that the caller passed */
  UDC_NPU_BUFFER_TOO_SMALL = 4, /* the needed size: the size output or, without one, the message */
  UDC_NPU_UNSUPPORTED = 5,      /* valid, but not covered by this backend */
  UDC_NPU_OUT_OF_MEMORY = 6
} udc_npu_status;

/* Why a call failed. Filled only when the call does not return UDC_NPU_OK; may be passed as NULL.
 */
typedef struct udc_npu_error {
  uint64_t bit_position; /* where a corrupt stream stops making sense, in bits from its start */
  char message[240];     /* one line, zero terminated, without a trailing full stop */
} udc_npu_error;

#ifdef __cplusplus
}
#endif

#endif /* UDC_NPU_STATUS_H */
