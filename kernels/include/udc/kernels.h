/*
 * Fused fake quantization and pruning for whole networks, on CPU and CUDA.
 *
 * One call handles all tensors of a network: every function takes an array of plain structs, one
 * per tensor. The structs and the small option arrays in them lie in host memory and are read
 * before the call returns; the tensors they point to lie in the memory of the execution's device.
 * Weights are float32, contiguous, [channels][per_channel] (OIHW with IHW flattened), at any 4-byte
 * alignment.
 *
 * - Threads: no globals, so calls may run at the same time if they share neither outputs nor
 *   workspace.
 * - Streams: CUDA calls are enqueued on execution.stream, never wait for the device and never
 *   allocate, so they can be captured in a CUDA graph. CPU calls are done when they return.
 * - Determinism: run to run. The same input gives the same bits on a machine, whatever the number
 *   of threads. CPU instruction sets and CUDA differ by float rounding of sums.
 * - Outputs are overwritten and must not overlap inputs, unless said so.
 *
 * The quantizer, for b bits, L = 2^(b-1) - 1 and an output channel's step:
 *   Q_b(w) = step * clamp(round_half_to_even(w / step), -L, L), with w / step rounded to float32.
 * A step outside [2^-50, 2^50] (0, negative, NaN, ...) means "no quantizer": Q_b = 0, no
 * gradient. What udc_kernels_quantize_forward and udc_kernels_activation_forward round to zero is
 * +0.
 *
 * Survivors of pruning: magnitudes are ordered as the bit patterns of |w|, so denormals count and
 * NaN lies above infinity. With a threshold t and a tie limit l, the weight at flat index i
 * survives if |w_i| > t, or if |w_i| = t and i <= l. DESIGN's 1[|w| >= t] is meant in this sense.
 *
 * Values that are not finite: +-inf saturates like any large weight (Q_b = +-step*L, gradient 0). A
 * NaN weight gives NaN in its own outputs and in every sum that it enters. A NaN or inf in an
 * incoming gradient goes wherever the formulas take it.
 */
#ifndef UDC_KERNELS_H
#define UDC_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define UDC_KERNELS_API __attribute__((visibility("default")))
#else
#define UDC_KERNELS_API
#endif

/* Most bit widths, and most sparsities, that one call mixes. */
#define UDC_KERNELS_MAX_OPTIONS 8

/* Most maps of one normalized sum. */
#define UDC_KERNELS_MAX_TERMS 16

/* Result of every call. Values are stable; those below 7 mean what they mean in the NPU backend. */
typedef enum udc_kernels_status {
  UDC_KERNELS_OK = 0,
  UDC_KERNELS_INVALID_ARGUMENT =
      1, /* a null pointer, a size or a value out of its documented range */
  UDC_KERNELS_LIMIT_EXCEEDED = 3,   /* more elements than this implementation can address */
  UDC_KERNELS_BUFFER_TOO_SMALL = 4, /* the workspace: the message says how many bytes it needs */
  UDC_KERNELS_UNSUPPORTED = 5,      /* valid, but not here: no CUDA library, no device */
  UDC_KERNELS_OUT_OF_MEMORY = 6,
  UDC_KERNELS_DEVICE_ERROR = 7 /* the CUDA runtime refused a launch; its words are in the message */
} udc_kernels_status;

/* Why a call failed. Filled only when the call does not return UDC_KERNELS_OK; may be NULL. */
typedef struct udc_kernels_error {
  int64_t layer;     /* index of the struct at fault, -1 if it is none of them */
  char message[240]; /* one line, zero terminated, without a trailing full stop */
} udc_kernels_error;

/* ---- where a call runs ------------------------------------------------------------------- */

/* The CUDA implementation, loaded on request so that nothing here needs CUDA to build or run. */
typedef struct udc_kernels_cuda udc_kernels_cuda;

/*
 * Loads the CUDA implementation. library_path names libudc_kernels_cuda.so; NULL looks beside the
 * library or program that contains this code, then along the dynamic loader's path. Gives
 * UNSUPPORTED, with the reason, where the library is missing or no device of compute capability 8.0
 * or more answers.
 */
UDC_KERNELS_API udc_kernels_status udc_kernels_cuda_open(const char* library_path,
                                                         udc_kernels_cuda** cuda,
                                                         udc_kernels_error* error);
/* Accepts NULL. No call that uses the handle may be running. */
UDC_KERNELS_API void udc_kernels_cuda_close(udc_kernels_cuda* cuda);

/* All zero is a good value: CPU, OpenMP's number of threads, best instruction set, no workspace. */
typedef struct udc_kernels_execution {
  udc_kernels_cuda* cuda; /* NULL: run on the CPU */
  void* stream;           /* CUDA: a cudaStream_t of the current device, NULL for the default one */
  void* workspace;        /* memory of the device, 16-byte aligned, contents don't matter */
  int64_t workspace_bytes; /* at least what the matching *_workspace function says */
  int32_t threads;         /* CPU: number of threads, 0 for OpenMP's choice */
  int32_t portable;        /* CPU: 1 forbids instructions above the compiler's baseline, 2 those
                              above AVX2 with fused multiply-add */
} udc_kernels_execution;

/* ---- mixing all bit widths and sparsities ------------------------------------------------ */

typedef struct udc_mix_options {
  int32_t bit_widths[UDC_KERNELS_MAX_OPTIONS]; /* each 2..16 */
  int32_t bit_options;                         /* 1..UDC_KERNELS_MAX_OPTIONS */
  int32_t sparsity_options;                    /* 1..UDC_KERNELS_MAX_OPTIONS */
  /*
   * What a pruned weight receives: 0 multiplies the weight gradient by the mixed sparsity mask M,
   * so that pruned weights rest; 1 leaves M out (straight-through), so that they can come back.
   */
  int32_t straight_through_mask;
} udc_mix_options;

/*
 * One tensor. For weight w at channel c and position j, with flat index i = c * per_channel + j:
 *   A = mask[j] * channel_mask[c],  M = sum_s sparsity_probabilities[s] * survives_s(i),
 *   V = sum_b bit_probabilities[b] * Q_b(w)
 *   mixed = A * M * V
 * Backward, for G = mixed_gradient and in_b = (|w| <= steps[c][b] * L_b):
 *   weight_gradient         = G * A * M * sum_b bit_probabilities[b] * in_b   (M per options)
 *   bit_gradient[b]         = sum_i G * A * M * Q_b(w)
 *   sparsity_gradient[s]    = sum_i G * A * survives_s(i) * V
 *   step_gradient[c][b]     = bit_probabilities[b] * sum_j G * A * M * slope_b, with
 *     slope_b = in_b ? round(x) - x : +-L_b, x = w / steps[c][b], the sign that of w (LSQ, without
 *     its scale factor)
 *   mask_gradient[j]         = sum_c G * channel_mask[c] * M * V
 *   channel_mask_gradient[c] = sum_j G * mask[j] * M * V
 */
typedef struct udc_mix_layer {
  const float* weights;                /* [channels][per_channel] */
  float* mixed;                        /* [channels][per_channel], forward only */
  const float* steps;                  /* [channels][bit_options] */
  const float* bit_probabilities;      /* [bit_options] */
  const float* sparsity_probabilities; /* [sparsity_options] */
  const float* thresholds;             /* [sparsity_options] from udc_kernels_thresholds */
  const int64_t* tie_limits;           /* [sparsity_options] from udc_kernels_thresholds */
  const float* mask;                   /* [per_channel], or NULL for ones */
  const float* channel_mask;           /* [channels], or NULL for ones */
  int64_t channels;                    /* >= 0; a tensor may be empty */
  int64_t per_channel;                 /* >= 0 */
  /* backward only; outputs other than weight_gradient may be NULL */
  const float* mixed_gradient;  /* [channels][per_channel] */
  float* weight_gradient;       /* [channels][per_channel]; may be mixed_gradient itself */
  float* bit_gradient;          /* [bit_options] */
  float* sparsity_gradient;     /* [sparsity_options] */
  float* step_gradient;         /* [channels][bit_options] */
  float* mask_gradient;         /* [per_channel] */
  float* channel_mask_gradient; /* [channels] */
} udc_mix_layer;

UDC_KERNELS_API udc_kernels_status udc_kernels_mix_forward(const udc_mix_layer* layers,
                                                           int64_t layer_count,
                                                           const udc_mix_options* options,
                                                           const udc_kernels_execution* execution,
                                                           udc_kernels_error* error);

/* Bytes of workspace that udc_kernels_mix_backward needs for these shapes and outputs. */
UDC_KERNELS_API udc_kernels_status udc_kernels_mix_backward_workspace(
    const udc_mix_layer* layers, int64_t layer_count, const udc_mix_options* options,
    const udc_kernels_execution* execution, int64_t* bytes, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status udc_kernels_mix_backward(const udc_mix_layer* layers,
                                                            int64_t layer_count,
                                                            const udc_mix_options* options,
                                                            const udc_kernels_execution* execution,
                                                            udc_kernels_error* error);

/* ---- pruning ----------------------------------------------------------------------------- */

/*
 * For each sparsity s of n weights, k = n - floor(s * n + 0.5) weights survive, in float64.
 * thresholds[s] is the k-th largest magnitude. tie_limits[s] is INT64_MAX if all weights of just
 * that magnitude survive, else the flat index of the last of them that does: ties go to the
 * smallest indices, so that exactly k survive. If all n survive, the pair is (0, INT64_MAX); if
 * none does, a NaN with bits 0x7fffffff and -1.
 */
typedef struct udc_threshold_layer {
  const float* weights;     /* [count] */
  int64_t count;            /* >= 0 */
  const double* sparsities; /* host memory, [sparsity_options], each 0..1 */
  float* thresholds;        /* [sparsity_options] */
  int64_t* tie_limits;      /* [sparsity_options] */
} udc_threshold_layer;

UDC_KERNELS_API udc_kernels_status udc_kernels_thresholds_workspace(
    const udc_threshold_layer* layers, int64_t layer_count, int32_t sparsity_options,
    const udc_kernels_execution* execution, int64_t* bytes, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status udc_kernels_thresholds(const udc_threshold_layer* layers,
                                                          int64_t layer_count,
                                                          int32_t sparsity_options,
                                                          const udc_kernels_execution* execution,
                                                          udc_kernels_error* error);

/* mask[i] = 1 where weight i survives (threshold, tie_limit), else 0. */
typedef struct udc_mask_layer {
  float* weights;           /* [count]; only udc_kernels_apply_masks writes it */
  uint8_t* mask;            /* [count]; only udc_kernels_make_masks writes it */
  const float* threshold;   /* [1]; udc_kernels_make_masks only */
  const int64_t* tie_limit; /* [1]; udc_kernels_make_masks only */
  int64_t count;            /* >= 0 */
} udc_mask_layer;

UDC_KERNELS_API udc_kernels_status udc_kernels_make_masks(const udc_mask_layer* layers,
                                                          int64_t layer_count,
                                                          const udc_kernels_execution* execution,
                                                          udc_kernels_error* error);

/* In place: a weight whose mask is 0 becomes +0, even a NaN; the others stay as they are. */
UDC_KERNELS_API udc_kernels_status udc_kernels_apply_masks(const udc_mask_layer* layers,
                                                           int64_t layer_count,
                                                           const udc_kernels_execution* execution,
                                                           udc_kernels_error* error);

/* ---- fixed bits, for the training stages ------------------------------------------------- */

/*
 *   quantized        = mask * Q_bits(w)
 *   in               = |w| <= steps[c] * L
 *   weight_gradient  = quantized_gradient * mask * in     (mask left out if straight_through_mask)
 *   step_gradient[c] = sum_j quantized_gradient * mask * (in ? round(x) - x : +-L), with
 *     x = w / steps[c]
 */
typedef struct udc_quantize_layer {
  const float* weights;          /* [channels][per_channel] */
  const float* steps;            /* [channels] */
  const uint8_t* mask;           /* [channels][per_channel] of 0 and 1, or NULL for ones */
  float* quantized;              /* [channels][per_channel], forward only; may be weights itself */
  int64_t channels;              /* >= 0 */
  int64_t per_channel;           /* >= 0 */
  int32_t bits;                  /* 2..16 */
  int32_t straight_through_mask; /* 0 or 1 */
  const float* quantized_gradient; /* [channels][per_channel], backward only */
  float* weight_gradient;          /* [channels][per_channel]; may be quantized_gradient itself */
  float* step_gradient;            /* [channels], or NULL */
} udc_quantize_layer;

UDC_KERNELS_API udc_kernels_status
udc_kernels_quantize_forward(const udc_quantize_layer* layers, int64_t layer_count,
                             const udc_kernels_execution* execution, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status udc_kernels_quantize_backward_workspace(
    const udc_quantize_layer* layers, int64_t layer_count, const udc_kernels_execution* execution,
    int64_t* bytes, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status
udc_kernels_quantize_backward(const udc_quantize_layer* layers, int64_t layer_count,
                              const udc_kernels_execution* execution, udc_kernels_error* error);

/*
 * Activations, one step and zero point z per tensor. With x = input / step (float32) and the clamps
 * low = quant_min - z, high = quant_max - z:
 *   output         = step * clamp(round_half_to_even(x), low, high)
 *   in             = step * low <= input <= step * high
 *   input_gradient = output_gradient * in
 *   step_gradient  = sum output_gradient * (in ? round(x) - x : x < low ? low : high)
 */
typedef struct udc_activation_tensor {
  const float* input;           /* [count] */
  float* output;                /* [count], forward only; may be input itself */
  const float* step;            /* [1] */
  const int32_t* zero_point;    /* [1], or NULL for 0; within quant_min..quant_max */
  int64_t count;                /* >= 0 */
  int32_t quant_min;            /* -32768..quant_max, -128 for int8 */
  int32_t quant_max;            /* quant_min..32767, 127 for int8 */
  const float* output_gradient; /* [count], backward only */
  float* input_gradient;        /* [count]; may be output_gradient itself */
  float* step_gradient;         /* [1], or NULL */
} udc_activation_tensor;

UDC_KERNELS_API udc_kernels_status
udc_kernels_activation_forward(const udc_activation_tensor* tensors, int64_t tensor_count,
                               const udc_kernels_execution* execution, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status udc_kernels_activation_backward_workspace(
    const udc_activation_tensor* tensors, int64_t tensor_count,
    const udc_kernels_execution* execution, int64_t* bytes, udc_kernels_error* error);

UDC_KERNELS_API udc_kernels_status
udc_kernels_activation_backward(const udc_activation_tensor* tensors, int64_t tensor_count,
                                const udc_kernels_execution* execution, udc_kernels_error* error);

/* ---- depthwise convolution, for the float network around the weights ----------------------- */

/*
 * One convolution of each channel with a kernel of its own, float32, maps with channels innermost.
 * Positions beyond the input count as 0; x(n, y, x, c) is input:
 *   output(n, v, u, c) = sum_ij weights[c][i][j] * x(n, row, column, c), with
 *     row = v * stride + i - top and column = u * stride + j - left
 * The gradients are those of this sum. On the CPU only: libraries have good ones for GPUs, but the
 * backward passes of those for CPUs take up to a hundred times as long as their forward pass.
 */
typedef struct udc_depthwise {
  int64_t pictures; /* >= 0 */
  int64_t channels; /* >= 1 */
  int64_t in_rows;  /* >= 1, as all sides */
  int64_t in_columns;
  int64_t out_rows;
  int64_t out_columns;
  int32_t kernel;       /* 1..16, rows and columns of the kernel */
  int32_t stride;       /* 1..16 */
  int32_t top;          /* rows of padding above the input, 0..kernel - 1 */
  int32_t left;         /* columns of padding before it, 0..kernel - 1 */
  const float* weights; /* [channels][kernel][kernel] */
  const float*
      input;     /* [pictures][in_rows][in_columns][channels]; forward, and with weight_gradient */
  float* output; /* [pictures][out_rows][out_columns][channels], forward only */
  const float* output_gradient; /* as output, backward only */
  float* input_gradient;        /* as input, backward only, or NULL */
  float* weight_gradient;       /* as weights, backward only, or NULL */
  int32_t accumulate;           /* 1 adds to input_gradient what is else written to it */
} udc_depthwise;

/* Bytes of workspace that udc_kernels_depthwise_forward and _backward need for this shape. */
UDC_KERNELS_API udc_kernels_status
udc_kernels_depthwise_workspace(const udc_depthwise* layer, const udc_kernels_execution* execution,
                                int64_t* bytes, udc_kernels_error* error);

/* UNSUPPORTED if the execution is on CUDA. */
UDC_KERNELS_API udc_kernels_status udc_kernels_depthwise_forward(
    const udc_depthwise* layer, const udc_kernels_execution* execution, udc_kernels_error* error);

/* UNSUPPORTED if the execution is on CUDA. */
UDC_KERNELS_API udc_kernels_status udc_kernels_depthwise_backward(
    const udc_depthwise* layer, const udc_kernels_execution* execution, udc_kernels_error* error);

/* ---- sums of normalized maps, for the float network around the weights ---------------------- */

/*
 * One map of a sum. Forward with batch statistics writes mean and variance (biased: the sum of
 * squares over the number of positions); every other call reads them.
 */
typedef struct udc_normalized_term {
  const float* map;   /* [positions][channels] */
  const float* scale; /* [channels] */
  const float* shift; /* [channels], forward only */
  float* mean;        /* [channels] */
  float* variance;    /* [channels] */
  /* backward only, each may be NULL */
  float* map_gradient;   /* as map; may be the map itself, which is then lost */
  float* scale_gradient; /* [channels] */
  float* shift_gradient; /* [channels] */
} udc_normalized_term;

/*
 * Batch norm of several maps, their sum and what follows, float32, maps with channels innermost:
 *   output = act(residual + sum_k scale_k * (map_k - mean_k) / sqrt(variance_k + epsilon) + shift_k)
 * where act is max(0, .) or nothing. Backward, for G = output_gradient where act lets it pass, else
 * 0, x_k = (map_k - mean_k) / sqrt(variance_k + epsilon) and means over positions:
 *   residual_gradient = G
 *   shift_gradient_k  = sum G
 *   scale_gradient_k  = sum G * x_k
 *   map_gradient_k    = scale_k / sqrt(variance_k + epsilon) * (G - mean(G) - x_k * mean(G * x_k)),
 *     with given statistics without the two means
 * Two passes over the maps each way, the first of which only sums up; with given statistics forward
 * is one pass. On the CPU only.
 */
typedef struct udc_normalized_sum {
  int64_t positions; /* >= 0 */
  int64_t channels;  /* >= 1 */
  const udc_normalized_term* terms; /* [term_count] */
  int32_t term_count;               /* 1..UDC_KERNELS_MAX_TERMS */
  int32_t given_statistics;         /* 1 normalizes by given means and variances */
  int32_t rectify;                  /* 1 ends with max(0, .) */
  float epsilon;                    /* > 0 */
  const float* residual;            /* [positions][channels], forward only, or NULL */
  float* output;                    /* as residual; backward reads it if rectify is 1 */
  const float* output_gradient;     /* as residual, backward only */
  float* residual_gradient;         /* as residual, backward only; may be output_gradient itself; or
                                       NULL */
} udc_normalized_sum;

/* Bytes of workspace that both directions need for this shape and number of terms. */
UDC_KERNELS_API udc_kernels_status udc_kernels_normalized_sum_workspace(
    const udc_normalized_sum* sum, const udc_kernels_execution* execution, int64_t* bytes,
    udc_kernels_error* error);

/* UNSUPPORTED if the execution is on CUDA. */
UDC_KERNELS_API udc_kernels_status udc_kernels_normalized_sum_forward(
    const udc_normalized_sum* sum, const udc_kernels_execution* execution,
    udc_kernels_error* error);

/* UNSUPPORTED if the execution is on CUDA. */
UDC_KERNELS_API udc_kernels_status udc_kernels_normalized_sum_backward(
    const udc_normalized_sum* sum, const udc_kernels_execution* execution,
    udc_kernels_error* error);

/* ---- norm of the weights ----------------------------------------------------------------- */

/*
 * In place: scales each output channel to a root mean square of 1, by the factor 1 / rms computed
 * in float64 and rounded to float32. A channel whose rms is 0 or not finite stays as it is (factor
 * 1).
 */
typedef struct udc_normalize_layer {
  float* weights;      /* [channels][per_channel] */
  float* factors;      /* [channels]: the factors applied, or NULL */
  int64_t channels;    /* >= 0 */
  int64_t per_channel; /* >= 0 */
} udc_normalize_layer;

UDC_KERNELS_API udc_kernels_status
udc_kernels_normalize_channels(const udc_normalize_layer* layers, int64_t layer_count,
                               const udc_kernels_execution* execution, udc_kernels_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_KERNELS_H */
