/* The Ethos-U accelerators that this backend knows, and their fixed hardware parameters. */
#ifndef UDC_NPU_ACCELERATOR_H
#define UDC_NPU_ACCELERATOR_H

#include <stdint.h>

#include "udc/npu/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values are stable: new ones are added at the end. */
typedef enum udc_npu_accelerator {
  UDC_NPU_ETHOS_U55_32 = 0,
  UDC_NPU_ETHOS_U55_64 = 1,
  UDC_NPU_ETHOS_U55_128 = 2,
  UDC_NPU_ETHOS_U55_256 = 3,
  UDC_NPU_ETHOS_U65_256 = 4,
  UDC_NPU_ETHOS_U65_512 = 5,
  /* Not an accelerator: lets a wrong value be refused, not undefined. */
  UDC_NPU_ACCELERATOR_ANY = 0x7fffffff
} udc_npu_accelerator;

#define UDC_NPU_ACCELERATOR_COUNT 6

/* A block of a feature map: rows, columns, channels. */
typedef struct udc_npu_shape3 {
  int32_t height;
  int32_t width;
  int32_t depth;
} udc_npu_shape3;

/* Fixed parameters of one accelerator. */
typedef struct udc_npu_accelerator_info {
  char name[24];               /* e.g. "ethos-u55-128", zero terminated */
  int32_t cores;               /* 2 for ethos-u65-512, else 1 */
  int32_t macs_per_core_cycle; /* 8-bit multiply-accumulates of one core in one cycle */
  udc_npu_shape3 ofm_ublock;   /* output micro-block: what a core computes in one step */
  udc_npu_shape3 ifm_ublock;   /* input micro-block */
  int32_t shram_banks;         /* internal SRAM, banks of 1 KiB */
  int32_t axi_bytes_per_cycle; /* data width of one AXI port */
} udc_npu_accelerator_info;

/* Parameters of an accelerator. UDC_NPU_INVALID_ARGUMENT if there is no such accelerator. */
UDC_NPU_API udc_npu_status udc_npu_accelerator_describe(udc_npu_accelerator accelerator,
                                                        udc_npu_accelerator_info* info,
                                                        udc_npu_error* error);

/*
 * Accelerator of a zero-terminated name such as "ethos-u65-512" (lower case, exact).
 * UDC_NPU_INVALID_ARGUMENT, with the known names in the message, if there is none.
 */
UDC_NPU_API udc_npu_status udc_npu_accelerator_by_name(const char* name,
                                                       udc_npu_accelerator* accelerator,
                                                       udc_npu_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_NPU_ACCELERATOR_H */
