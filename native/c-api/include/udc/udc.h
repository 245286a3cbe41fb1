/*
 * UDC: run a .udc network, encode and decode weight streams, and estimate what networks cost on an Ethos-U.
 *
 * C99, no dependencies but the C and C++ run time. There is no global state. Every function may be called from
 * any number of threads at once, with one exception: a udc_session is used by one thread at a time. Functions
 * return a status; what they give back they write through pointers, and only when they return UDC_OK unless it
 * says otherwise. Every array comes with its size. No pointer but those that say so may be null, `error` always
 * may be.
 */
#ifndef UDC_UDC_H
#define UDC_UDC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define UDC_API __attribute__((visibility("default")))
#else
#define UDC_API
#endif

/* ---- Version and errors ---- */

/* Programs keep working with libraries of the same major version and an equal or greater minor version. */
#define UDC_VERSION_MAJOR 1
#define UDC_VERSION_MINOR 0

/* The library's version: major * 1000 + minor. */
UDC_API uint32_t udc_version(void);

/* Values are stable: new ones are added at the end. */
typedef enum udc_status {
  UDC_OK = 0,
  UDC_INVALID_ARGUMENT = 1, /* a null pointer, a size or a value out of its documented range */
  UDC_CORRUPT = 2,          /* a file or a stream that does not follow its format */
  UDC_LIMIT_EXCEEDED = 3,   /* well formed, but larger than a limit */
  UDC_BUFFER_TOO_SMALL = 4, /* the needed size is in the size output or, without one, in the message */
  UDC_UNSUPPORTED = 5,      /* valid, but not covered by this library */
  UDC_OUT_OF_MEMORY = 6,
  UDC_IO = 7 /* a file that cannot be read */
} udc_status;

/* Why a call failed. Filled only when the call does not return UDC_OK. */
typedef struct udc_error {
  char message[256]; /* one line, zero terminated, without a trailing full stop */
} udc_error;

/* ---- Weight streams ---- */

/* How hard the encoder searches. Both give streams that every Ethos-U decodes. */
typedef enum udc_effort {
  UDC_EFFORT_FAST = 0, /* for loops that ask for sizes */
  UDC_EFFORT_BEST = 1  /* for files */
} udc_effort;

/* Bytes that suffice for the stream of any `count` weights; 0 if count is 0. */
UDC_API uint64_t udc_stream_bound(uint64_t count);

/* Exact bytes of the stream of `count` (at least 1) weights, each -255 to 255. */
UDC_API udc_status udc_stream_size(const int16_t* weights, uint64_t count, int32_t effort, uint64_t* bytes,
                                   udc_error* error);

/*
 * Encodes weights. *bytes gets the stream's size, a multiple of 16, also with UDC_BUFFER_TOO_SMALL, where nothing
 * is written to stream[0..capacity).
 */
UDC_API udc_status udc_stream_encode(const int16_t* weights, uint64_t count, int32_t effort, uint8_t* stream,
                                     uint64_t capacity, uint64_t* bytes, udc_error* error);

/*
 * Decodes a stream that anybody may have written, or several concatenated ones, to at most `capacity` weights;
 * more are UDC_LIMIT_EXCEEDED. With null `weights` they are checked and counted only. *count gets the number of
 * weights decoded, also with UDC_CORRUPT.
 */
UDC_API udc_status udc_stream_decode(const uint8_t* stream, uint64_t bytes, int16_t* weights, uint64_t capacity,
                                     uint64_t* count, udc_error* error);

/* ---- Models ---- */

/* A network from a .udc file. It does not change and may be shared by threads. */
typedef struct udc_model udc_model;

/* Code paths of the executor. All of them give the same bytes. */
typedef enum udc_instructions {
  UDC_INSTRUCTIONS_BEST = 0, /* the best that this machine has */
  UDC_INSTRUCTIONS_PORTABLE = 1,
  UDC_INSTRUCTIONS_AVX2 = 2,
  UDC_INSTRUCTIONS_AVX512_VNNI = 3
} udc_instructions;

/*
 * How to open a model. Fields that are 0 have the default in brackets. Every limit is checked before memory is
 * allocated for what it limits.
 */
typedef struct udc_open_options {
  size_t struct_bytes;        /* sizeof(udc_open_options), which tells later versions what the caller knows */
  uint64_t max_file_bytes;    /* [256 MiB] */
  uint64_t max_weights;       /* of all layers together [16 Mi] */
  uint64_t max_feature_bytes; /* of one feature map of the file's picture size [256 MiB] */
  uint32_t max_nodes;         /* [4096] */
  int32_t instructions;       /* a udc_instructions [BEST]; UDC_UNSUPPORTED if this machine lacks them */
} udc_open_options;

/*
 * Opens a model. The bytes may come from anybody: headers, sizes, digests and streams are checked. `options` may
 * be null for the defaults. The bytes are not needed any more afterwards.
 */
UDC_API udc_status udc_model_open_file(const char* path, const udc_open_options* options, udc_model** model,
                                       udc_error* error);
UDC_API udc_status udc_model_open_memory(const void* bytes, size_t size, const udc_open_options* options,
                                         udc_model** model, udc_error* error);

/* Closes a model, after all of its sessions. Null is allowed. */
UDC_API void udc_model_close(udc_model* model);

/* An 8-bit feature map. Values lie row by row, pixel by pixel, the channels of a pixel together. */
typedef struct udc_tensor {
  uint32_t height;
  uint32_t width;
  uint32_t channels;
  float scale; /* a value q stands for scale * (q - zero_point) */
  int32_t zero_point;
} udc_tensor;

typedef struct udc_model_info {
  udc_tensor input; /* a pixel p of 0 to 255 enters as p - 128 */
  udc_tensor output;
  uint32_t class_count; /* 0 if the network is no classifier with named classes */
  uint32_t upscaling;   /* output pixels a side for one input pixel; 0 if the output is no larger picture */
  uint32_t any_size;    /* 1: sessions may have pictures of another height and width */
  int32_t instructions; /* the udc_instructions in use */
  uint32_t node_count;
  uint64_t weight_count;
  uint64_t encoded_bytes; /* what the network takes on flash */
  uint64_t macs;          /* multiply-accumulates of one picture of the file's size */
  char task[32];          /* such as "cifar100" or "sr", zero terminated */
  char npu[32];           /* that the streams are for, such as "ethos-u55-128" */
} udc_model_info;

UDC_API udc_status udc_model_describe(const udc_model* model, udc_model_info* info, udc_error* error);

/*
 * Name of a class, zero terminated, in UTF-8. *bytes gets the size it needs with its zero, also with
 * UDC_BUFFER_TOO_SMALL.
 */
UDC_API udc_status udc_model_class_name(const udc_model* model, uint32_t index, char* name, size_t capacity,
                                        size_t* bytes, udc_error* error);

/* ---- Sessions ---- */

/* Room to run one picture at a time. A thread needs one of its own; its model must stay open. */
typedef struct udc_session udc_session;

/* Fields that are 0 have the default in brackets. */
typedef struct udc_session_options {
  size_t struct_bytes; /* sizeof(udc_session_options) */
  uint32_t height;     /* of the pictures [the file's]; another only if the model has any_size */
  uint32_t width;
} udc_session_options;

/* Bytes that a session takes, all in all: nothing is allocated while it runs. `options` may be null. */
UDC_API udc_status udc_session_bytes(const udc_model* model, const udc_session_options* options, size_t* bytes,
                                     udc_error* error);

/* A session in memory of its own. */
UDC_API udc_status udc_session_create(const udc_model* model, const udc_session_options* options,
                                      udc_session** session, udc_error* error);

/*
 * A session in the caller's memory, of any alignment, which must stay until the session is destroyed and is not
 * freed then. UDC_BUFFER_TOO_SMALL if it has fewer bytes than udc_session_bytes says.
 */
UDC_API udc_status udc_session_create_in(const udc_model* model, const udc_session_options* options, void* memory,
                                         size_t bytes, udc_session** session, udc_error* error);

/* Null is allowed. */
UDC_API void udc_session_destroy(udc_session* session);

/* Shapes and quantization of what this session reads and writes. */
UDC_API udc_status udc_session_describe(const udc_session* session, udc_tensor* input, udc_tensor* output,
                                        udc_error* error);

/*
 * Runs `pictures` pictures, one after the other. input_bytes and output_bytes must be the sizes of exactly that
 * many input and output feature maps. Buffers must not overlap.
 */
UDC_API udc_status udc_session_run(udc_session* session, const int8_t* input, size_t input_bytes, int8_t* output,
                                   size_t output_bytes, size_t pictures, udc_error* error);

/*
 * Runs one picture of 8-bit pixels, as cameras give them: `channels` bytes a pixel (3 for RGB), rows row_bytes
 * apart, of which the first width * channels are read.
 */
UDC_API udc_status udc_session_run_pixels(udc_session* session, const uint8_t* pixels, size_t pixel_bytes,
                                          size_t row_bytes, int8_t* output, size_t output_bytes,
                                          udc_error* error);

/*
 * Upscales one picture: udc_session_run_pixels for a network whose output is a picture too, with the output as
 * pixels by udc_output_pixel, rows out_row_bytes apart. UDC_UNSUPPORTED if the model has no upscaling.
 */
UDC_API udc_status udc_session_upscale_pixels(udc_session* session, const uint8_t* pixels, size_t pixel_bytes,
                                              size_t row_bytes, uint8_t* out, size_t out_bytes,
                                              size_t out_row_bytes, udc_error* error);

/*
 * The pixels, 0 to 255, that the 256 output values stand for, -128 first: the nearest to the same real number on
 * the input's scale.
 */
UDC_API udc_status udc_model_output_pixels(const udc_model* model, uint8_t pixels[256], udc_error* error);

/* ---- Estimates ---- */

/* An NPU and the system around it. */
typedef struct udc_npu_options {
  size_t struct_bytes;       /* sizeof(udc_npu_options) */
  const char* npu;           /* "ethos-u55-32", -64, -128, -256, "ethos-u65-256", -512; null: the model's */
  const char* system_config; /* Vela's name, such as "Ethos_U55_High_End_Embedded"; null: the NPU's default */
  const char* memory_mode;   /* Vela's name, such as "Shared_Sram"; null: the NPU's default */
} udc_npu_options;

typedef enum udc_operator_kind {
  UDC_CONVOLUTION = 0,
  UDC_DEPTHWISE = 1,
  UDC_FULLY_CONNECTED = 2,
  UDC_MAX_POOL = 3,
  UDC_AVERAGE_POOL = 4,
  UDC_ADD = 5
} udc_operator_kind;

/* One 8-bit operator. */
typedef struct udc_operator {
  size_t struct_bytes; /* sizeof(udc_operator) */
  int32_t kind;        /* a udc_operator_kind */
  int32_t height;      /* of the input; 1 if fully connected */
  int32_t width;
  int32_t channels;
  int32_t second_height; /* of the second input of a sum; axes of extent 1 are repeated */
  int32_t second_width;
  int32_t second_channels;
  int32_t out_channels; /* of convolutions and fully connected operators */
  int32_t kernel_height;
  int32_t kernel_width;
  int32_t stride;
  int32_t same_padding; /* not 0: "same", as TensorFlow has it; else "valid" */
  int32_t relu;         /* not 0: an activation of the ReLU family is fused */
  /*
   * Weights in the order output channel, row, column, input channel, from which the encoded bytes are found by
   * encoding at the best effort; or null, and encoded_bytes says how many there are.
   */
  const int8_t* weights;
  uint64_t weight_count;
  uint64_t encoded_bytes; /* scale records and weight streams together */
  /* Feature maps of a network, by number: each is written by one operator at most. -1: no second input. */
  int32_t input_tensor;
  int32_t second_tensor;
  int32_t output_tensor;
} udc_operator;

/* Cycles by resource. An operator's total is their maximum; all figures of a network are sums. */
typedef struct udc_cycles {
  double npu;
  double sram;
  double dram;
  double onchip_flash;
  double offchip_flash;
  double total;
} udc_cycles;

/* What an operator costs, or a network. */
typedef struct udc_estimate {
  udc_cycles cycles;
  double milliseconds;
  uint64_t macs;
  uint64_t encoded_bytes; /* on flash */
  uint64_t sram_bytes;    /* live feature maps and weight buffers; of a network the most at a time */
} udc_estimate;

/* An operator by itself, as the first one of a network; the tensors' numbers are ignored. */
UDC_API udc_status udc_estimate_operator(const udc_npu_options* npu, const udc_operator* op,
                                         udc_estimate* estimate, udc_error* error);

/*
 * A network of operators in execution order. `rows` has room for `count` estimates, one an operator, or is null.
 */
UDC_API udc_status udc_estimate_network(const udc_npu_options* npu, const udc_operator* ops, size_t count,
                                        udc_estimate* rows, udc_estimate* network, udc_error* error);

/*
 * A model, with the sizes of its streams. `npu` may be null or name another system, but no other NPU: streams are
 * encoded for one. `rows` has room for `row_capacity` estimates, one a node, in execution order, or is null.
 * UDC_UNSUPPORTED, with the node's name, for nodes that the latency model does not cover.
 */
UDC_API udc_status udc_estimate_model(const udc_model* model, const udc_npu_options* npu, udc_estimate* rows,
                                      size_t row_capacity, udc_estimate* network, udc_error* error);

#ifdef __cplusplus
}
#endif

#endif /* UDC_UDC_H */
