// The executor's inner loops, once for each instruction set.
//
// Feature maps hold u = q + 128 in unsigned bytes, channels innermost. Loops may read up to kSlack bytes
// behind what they are given; what they read there meets weights that are 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace udc {

constexpr size_t kSlack = 64;

// Requantization of a panel of `lanes` channels: five rows of `lanes` values each.
enum RescaleRow { kBias, kLeftShift, kMultiplier, kRightShift, kMask, kRescaleRows };

// What comes behind an accumulator, besides a channel's rescaling.
struct OutputRange {
  int32_t zeroPoint;  // both for u, that is 128 more than for q
  int32_t least;
};

// A convolution as a matrix product. The window of one output pixel is `segments` runs of bytes, one a kernel
// row; each is read in `groups` of four bytes: four values of u, or two 16-bit values of u less the zero
// point.
struct ConvolutionCall {
  const uint8_t* input;  // the window of pixel (0, 0)
  size_t pixelBytes;     // from one output pixel's window to that of its right neighbour
  size_t rowBytes;       // and to the one below
  uint32_t rows;         // output pixels
  uint32_t columns;
  uint32_t segments;
  size_t segmentBytes;  // from one kernel row to the next
  uint32_t groups;
  uint32_t exactRun;        // groups whose sums of bytes fit 16 bits; see PackedLayer
  const uint8_t* weights;   // [panel][segment][group][lane][4 bytes]
  const int32_t* rescales;  // [panel][RescaleRow][lane]
  OutputRange range;
  uint32_t outChannels;
  uint8_t* output;
};

// A depthwise convolution. Every value of the input comes with its right neighbour, as two 16-bit values less
// the zero point, so that a kernel row is read in pairs of columns.
struct DepthwiseCall {
  const uint8_t* input;  // [row][column][channel][4 bytes]
  size_t pixelBytes;     // from the window of one output pixel to that of its right neighbour
  size_t rowBytes;
  uint32_t rows;
  uint32_t columns;
  uint32_t kernelRows;
  uint32_t pairs;  // of kernel columns
  size_t segmentBytes;
  size_t pairBytes;         // from one pair of columns to the next
  const uint8_t* weights;   // [panel][kernel row][pair][lane][4 bytes]
  const int32_t* rescales;  // [panel][RescaleRow][lane]
  OutputRange range;
  uint32_t channels;
  uint8_t* output;
};

// A factor that is the same for all values, and what belongs to the output.
struct AddCall {
  const uint8_t* first;
  const uint8_t* second;
  size_t count;
  int32_t zeroPoints[2];
  // Of the inputs and of the sum, one row of each a RescaleRow without kBias: [input, input, sum][row].
  int32_t rescales[3][kRescaleRows];
  OutputRange range;
  uint8_t* output;
};

// How convolutions want their input and weights.
enum class ConvolutionForm { kQuads, kPairs };

struct Kernels {
  int32_t instructions;  // udc_instructions
  uint32_t lanes;        // channels of a panel
  // Whether bytes are summed in 16 bits first, for which exactRun matters; else quads are exact for any
  // weights.
  bool quadsNeedRuns;
  void (*convolveQuads)(const ConvolutionCall& call);  // null if there is none
  void (*convolvePairs)(const ConvolutionCall& call);
  void (*depthwise)(const DepthwiseCall& call);
  void (*add)(const AddCall& call);
};

// The kernels of a udc_instructions; throws UDC_INVALID_ARGUMENT or UDC_UNSUPPORTED if this machine lacks
// them.
const Kernels& kernelsFor(int32_t instructions);

extern const Kernels kPortableKernels;
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;

}  // namespace udc
