// The loops of executor/kernels.h over any instruction set. Each kernels_*.cpp defines a struct Isa in an
// unnamed namespace and includes this file behind it, compiled for what that Isa needs; so everything here is
// in an unnamed namespace too, and nothing of the standard library is called that another file could share.
//
//   Isa::kLanes              32-bit lanes of a Vector
//   Isa::kPixels2, kPixels1  output pixels of a tile of two panels, and of one
//   load, zero, broadcast    of 4 bytes a lane
//   dotPairs(sums, a, b)     adds products of two pairs of 16-bit values a lane, exactly
//   plus(a, b)               sum of 32-bit values
//   widened(from, zero)      (u - zero) * 2^20 of kLanes bytes, the common scale of a sum's inputs
//   rescale(sums, rows)      Requantization::apply of sums and biases
//   store(to, values, range) kLanes bytes, the values within the range
//
// convolve<Form> takes its way to multiply from a Form: PairsForm, or an instruction set's own for bytes.
#include <cstring>

#include "executor/kernels.h"

namespace udc {
namespace {

using Vector = Isa::Vector;
constexpr uint32_t kLanes = Isa::kLanes;
constexpr size_t kVectorBytes = 4 * kLanes;

// Stores the first `count` lanes.
inline void storeSome(uint8_t* to, Vector values, const OutputRange& range, uint32_t count) {
  if (count >= kLanes) {
    Isa::store(to, values, range);
    return;
  }
  uint8_t bytes[kLanes];
  Isa::store(bytes, values, range);
  for (uint32_t i = 0; i < count; ++i) {
    to[i] = bytes[i];
  }
}

struct PairsForm {
  template <int kPixels, int kPanels>
  static inline void accumulate(Vector (&sums)[kPixels][kPanels], const uint8_t* const (&windows)[kPixels],
                                const uint8_t* weights, size_t panelBytes, const ConvolutionCall& call) {
    for (uint32_t segment = 0; segment < call.segments; ++segment) {
      const size_t begin = segment * call.segmentBytes;
      for (uint32_t group = 0; group < call.groups; ++group, weights += kVectorBytes) {
        Vector factors[kPanels];
        for (int panel = 0; panel < kPanels; ++panel) {
          factors[panel] = Isa::load(weights + panel * panelBytes);
        }
        for (int pixel = 0; pixel < kPixels; ++pixel) {
          const Vector values = Isa::broadcast(windows[pixel] + begin + 4 * group);
          for (int panel = 0; panel < kPanels; ++panel) {
            sums[pixel][panel] = Isa::dotPairs(sums[pixel][panel], values, factors[panel]);
          }
        }
      }
    }
  }
};

// kPixels output pixels, the first `valid` of which are stored, by kPanels panels.
template <typename Form, int kPixels, int kPanels>
inline void convolutionTile(const ConvolutionCall& call, const uint8_t* const (&windows)[kPixels],
                            uint32_t panel, size_t panelBytes, uint8_t* output, int valid) {
  Vector sums[kPixels][kPanels];
  for (auto& row : sums) {
    for (Vector& sum : row) {
      sum = Isa::zero();
    }
  }
  Form::template accumulate<kPixels, kPanels>(sums, windows, call.weights + panel * panelBytes, panelBytes,
                                              call);
  for (int i = 0; i < kPanels; ++i) {
    const uint32_t channel = (panel + static_cast<uint32_t>(i)) * kLanes;
    const int32_t* rescales = call.rescales + (panel + static_cast<uint32_t>(i)) * kRescaleRows * kLanes;
    for (int pixel = 0; pixel < valid; ++pixel) {
      storeSome(output + static_cast<size_t>(pixel) * call.outChannels + channel,
                Isa::rescale(sums[pixel][i], rescales), call.range, call.outChannels - channel);
    }
  }
}

// All pixels, kPixels at a time, for kPanels panels.
template <typename Form, int kPixels, int kPanels>
void convolvePanels(const ConvolutionCall& call, uint32_t panel, size_t panelBytes) {
  const uint32_t pixels = call.rows * call.columns;
  uint32_t row = 0;
  uint32_t column = 0;
  const uint8_t* windows[kPixels];
  const uint8_t* window = call.input;
  for (uint32_t first = 0; first < pixels; first += kPixels) {
    const int valid = pixels - first < kPixels ? static_cast<int>(pixels - first) : kPixels;
    for (int i = 0; i < kPixels; ++i) {
      windows[i] = window;
      if (i + 1 < valid || (i + 1 == valid && first + kPixels < pixels)) {
        window += call.pixelBytes;
        if (++column == call.columns) {
          column = 0;
          window = call.input + ++row * call.rowBytes;
        }
      }
    }
    convolutionTile<Form, kPixels, kPanels>(
        call, windows, panel, panelBytes, call.output + static_cast<size_t>(first) * call.outChannels, valid);
  }
}

template <typename Form>
void convolve(const ConvolutionCall& call) {
  const uint32_t panels = (call.outChannels + kLanes - 1) / kLanes;
  const size_t panelBytes = static_cast<size_t>(call.segments) * call.groups * kVectorBytes;
  const bool single = call.rows * call.columns == 1;
  uint32_t panel = 0;
  for (; panel + 2 <= panels; panel += 2) {
    if (single) {
      convolvePanels<Form, 1, 2>(call, panel, panelBytes);
    } else {
      convolvePanels<Form, Isa::kPixels2, 2>(call, panel, panelBytes);
    }
  }
  if (panel < panels) {
    if (single) {
      convolvePanels<Form, 1, 1>(call, panel, panelBytes);
    } else {
      convolvePanels<Form, Isa::kPixels1, 1>(call, panel, panelBytes);
    }
  }
}

// kPixels neighbours in a row.
template <int kPixels>
inline void depthwiseTile(const DepthwiseCall& call, const uint8_t* window, const uint8_t* weights,
                          const int32_t* rescales, uint8_t* output, uint32_t count) {
  Vector sums[kPixels];
  for (Vector& sum : sums) {
    sum = Isa::zero();
  }
  for (uint32_t row = 0; row < call.kernelRows; ++row) {
    for (uint32_t pair = 0; pair < call.pairs; ++pair, weights += kVectorBytes) {
      const Vector factors = Isa::load(weights);
      const uint8_t* values = window + row * call.segmentBytes + pair * call.pairBytes;
      for (int i = 0; i < kPixels; ++i) {
        sums[i] =
            Isa::dotPairs(sums[i], Isa::load(values + static_cast<size_t>(i) * call.pixelBytes), factors);
      }
    }
  }
  for (int i = 0; i < kPixels; ++i) {
    storeSome(output + static_cast<size_t>(i) * call.channels, Isa::rescale(sums[i], rescales), call.range,
              count);
  }
}

void depthwise(const DepthwiseCall& call) {
  constexpr uint32_t kTile = 4;
  const size_t panelBytes = static_cast<size_t>(call.kernelRows) * call.pairs * kVectorBytes;
  for (uint32_t channel = 0; channel < call.channels; channel += kLanes) {
    const uint32_t panel = channel / kLanes;
    const uint8_t* weights = call.weights + panel * panelBytes;
    const int32_t* rescales = call.rescales + panel * kRescaleRows * kLanes;
    for (uint32_t row = 0; row < call.rows; ++row) {
      const uint8_t* window = call.input + row * call.rowBytes + static_cast<size_t>(channel) * 4;
      uint8_t* output = call.output + static_cast<size_t>(row) * call.columns * call.channels + channel;
      uint32_t column = 0;
      for (; column + kTile <= call.columns; column += kTile) {
        depthwiseTile<kTile>(call, window + column * call.pixelBytes, weights, rescales,
                             output + static_cast<size_t>(column) * call.channels, call.channels - channel);
      }
      for (; column < call.columns; ++column) {
        depthwiseTile<1>(call, window + column * call.pixelBytes, weights, rescales,
                         output + static_cast<size_t>(column) * call.channels, call.channels - channel);
      }
    }
  }
}

// One factor in all lanes, in the rows of a panel.
struct UniformRescale {
  explicit UniformRescale(const int32_t (&values)[kRescaleRows]) {
    for (int row = 0; row < kRescaleRows; ++row) {
      for (uint32_t lane = 0; lane < kLanes; ++lane) {
        rows[static_cast<uint32_t>(row) * kLanes + lane] = values[row];
      }
    }
  }
  int32_t rows[kRescaleRows * kLanes];
};

void add(const AddCall& call) {
  const UniformRescale first(call.rescales[0]);
  const UniformRescale second(call.rescales[1]);
  const UniformRescale sum(call.rescales[2]);
  for (size_t i = 0; i < call.count; i += kLanes) {
    const size_t left = call.count - i;
    uint8_t bytes[2][kLanes] = {};
    const uint8_t* a = call.first + i;
    const uint8_t* b = call.second + i;
    if (left < kLanes) {
      std::memcpy(bytes[0], a, left);
      std::memcpy(bytes[1], b, left);
      a = bytes[0];
      b = bytes[1];
    }
    const Vector total = Isa::plus(Isa::rescale(Isa::widened(a, call.zeroPoints[0]), first.rows),
                                   Isa::rescale(Isa::widened(b, call.zeroPoints[1]), second.rows));
    storeSome(call.output + i, Isa::rescale(total, sum.rows), call.range,
              left < kLanes ? static_cast<uint32_t>(left) : kLanes);
  }
}

}  // namespace
}  // namespace udc
