#include "executor/session.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "executor/staging.h"

namespace udc {
namespace {

constexpr size_t kAlignment = 64;
constexpr uint8_t kOffset = 128;  // q = u - 128; as bytes, u with its highest bit turned

size_t aligned(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

template <typename From, typename To>
void turn(const From* from, size_t count, To* to) {
  for (size_t i = 0; i < count; ++i) {
    to[i] = static_cast<To>(static_cast<uint8_t>(from[i]) ^ kOffset);
  }
}

size_t headerBytes(size_t steps) { return aligned(sizeof(Session)) + aligned(steps * sizeof(Step)); }

}  // namespace

size_t Session::bytes(const Plan& plan) {
  return kAlignment - 1 + headerBytes(plan.steps.size()) + static_cast<size_t>(plan.arenaBytes);
}

Session* Session::createIn(const Model& model, const Plan& plan, void* memory) {
  size_t space = bytes(plan);
  auto* block = static_cast<uint8_t*>(std::align(kAlignment, space - (kAlignment - 1), memory, space));
  auto* steps = reinterpret_cast<Step*>(block + aligned(sizeof(Session)));
  std::uninitialized_copy(plan.steps.begin(), plan.steps.end(), steps);
  return new (block) Session(model, plan, steps, block + headerBytes(plan.steps.size()));
}

Session::Session(const Model& model, const Plan& plan, Step* steps, uint8_t* arena)
    : model_(model),
      steps_(steps),
      arena_(arena),
      image_(plan.image),
      scratch_(plan.scratch),
      input_(plan.input),
      output_(plan.steps.back().out) {
  // What kernels read behind a feature map must be written once: sanitizers may ask, and results do not
  // depend on it.
  std::memset(arena, 0, static_cast<size_t>(plan.arenaBytes));
}

void Session::run(const int8_t* input, int8_t* output) {
  turn(input, static_cast<size_t>(input_.elements()), arena_ + image_);
  runSteps();
  writeOutput(output);
}

void Session::runPixels(const uint8_t* pixels, size_t rowBytes, int8_t* output) {
  readPixels(pixels, rowBytes);
  runSteps();
  writeOutput(output);
}

void Session::upscale(const uint8_t* pixels, size_t rowBytes, const uint8_t* table, uint8_t* out,
                      size_t outRowBytes) {
  readPixels(pixels, rowBytes);
  runSteps();
  const size_t values = static_cast<size_t>(output_.width) * output_.channels;
  const uint8_t* map = outputMap();
  for (uint32_t row = 0; row < output_.height; ++row, map += values) {
    uint8_t* to = out + row * outRowBytes;
    for (size_t i = 0; i < values; ++i) {
      to[i] = table[map[i]];
    }
  }
}

// A pixel p has the value q = p - 128, so u is p itself.
void Session::readPixels(const uint8_t* pixels, size_t rowBytes) {
  const size_t bytes = static_cast<size_t>(input_.width) * input_.channels;
  for (uint32_t row = 0; row < input_.height; ++row) {
    std::memcpy(arena_ + image_ + row * bytes, pixels + row * rowBytes, bytes);
  }
}

const uint8_t* Session::outputMap() const { return arena_ + steps_[model_.nodeCount() - 1].output; }

void Session::writeOutput(int8_t* output) const {
  turn(outputMap(), static_cast<size_t>(output_.elements()), output);
}

void Session::runSteps() {
  for (size_t i = 0; i < model_.nodeCount(); ++i) {
    switch (model_.node(i).operation) {
      case Operation::kConvolution:
      case Operation::kDepthwise:
      case Operation::kDense:
        runWeighted(i);
        break;
      case Operation::kAdd:
        runAdd(i);
        break;
      case Operation::kPool:
        runPool(i);
        break;
      case Operation::kDepthToSpace:
        runDepthToSpace(i);
        break;
    }
  }
}

void Session::runWeighted(size_t index) {
  const Node& node = model_.node(index);
  const PackedLayer& layer = model_.layer(index);
  const Step& step = steps_[index];
  const uint8_t* input = arena_ + step.input;
  if (step.staging == Staging::kNone) {
    convolve(layer, node, step, input, static_cast<size_t>(step.in.width) * step.in.channels, 0,
             step.out.height);
    return;
  }
  const size_t rowBytes =
      static_cast<size_t>(step.stagedColumns) * step.in.channels * stagedBytes(step.staging);
  const auto zeroPoint = static_cast<uint8_t>(model_.file().quantizations[node.input].zeroPoint + kOffset);
  for (uint32_t first = 0; first < step.out.height; first += step.stripRows) {
    const uint32_t rows = std::min(step.stripRows, step.out.height - first);
    uint8_t* staged = arena_ + scratch_;
    stageRows(step, input, zeroPoint, first * node.stride, (rows - 1) * node.stride + node.kernel, staged);
    if (node.operation == Operation::kDepthwise) {
      convolveDepthwise(layer, node, step, staged, rowBytes, first, rows);
    } else {
      convolve(layer, node, step, staged, rowBytes, first, rows);
    }
  }
}

void Session::convolve(const PackedLayer& layer, const Node& node, const Step& step, const uint8_t* input,
                       size_t inputRowBytes, uint32_t firstRow, uint32_t rows) {
  ConvolutionCall call{};
  call.input = input;
  call.pixelBytes = static_cast<size_t>(node.stride) * step.in.channels * stagedBytes(step.staging);
  call.rowBytes = node.stride * inputRowBytes;
  call.rows = rows;
  call.columns = step.out.width;
  call.segments = layer.segments;
  call.segmentBytes = inputRowBytes;
  call.groups = layer.groups;
  call.exactRun = layer.exactRun;
  call.weights = layer.weights.data();
  call.rescales = layer.rescales.data();
  call.range = layer.range;
  call.outChannels = step.out.channels;
  call.output = arena_ + step.output + static_cast<size_t>(firstRow) * step.out.width * step.out.channels;
  const Kernels& kernels = model_.kernels();
  (layer.form == ConvolutionForm::kQuads ? kernels.convolveQuads : kernels.convolvePairs)(call);
}

void Session::convolveDepthwise(const PackedLayer& layer, const Node& node, const Step& step,
                                const uint8_t* input, size_t inputRowBytes, uint32_t firstRow,
                                uint32_t rows) {
  const size_t columnBytes = step.in.channels * stagedBytes(Staging::kPairs);
  DepthwiseCall call{};
  call.input = input;
  call.pixelBytes = node.stride * columnBytes;
  call.rowBytes = node.stride * inputRowBytes;
  call.rows = rows;
  call.columns = step.out.width;
  call.kernelRows = node.kernel;
  call.pairs = layer.groups;
  call.segmentBytes = inputRowBytes;
  call.pairBytes = 2 * columnBytes;
  call.weights = layer.weights.data();
  call.rescales = layer.rescales.data();
  call.range = layer.range;
  call.channels = step.out.channels;
  call.output = arena_ + step.output + static_cast<size_t>(firstRow) * step.out.width * step.out.channels;
  model_.kernels().depthwise(call);
}

// A second input of one channel is repeated for some pixels at a time.
void Session::runAdd(size_t index) {
  const Step& step = steps_[index];
  const AddFactors& factors = model_.factors(index);
  AddCall call{};
  std::copy_n(factors.zeroPoints, 2, call.zeroPoints);
  std::memcpy(call.rescales, factors.rescales, sizeof call.rescales);
  call.range = factors.range;
  call.first = arena_ + step.input;
  call.second = arena_ + step.second;
  call.output = arena_ + step.output;
  call.count = static_cast<size_t>(step.out.elements());
  const Node& node = model_.node(index);
  const uint32_t secondChannels = node.second == 0 ? input_.channels : steps_[node.second - 1].out.channels;
  if (secondChannels == step.out.channels) {
    model_.kernels().add(call);
    return;
  }
  const size_t channels = step.out.channels;
  const size_t pixels = static_cast<size_t>(step.out.pixels());
  const size_t chunk = std::max<size_t>(1, 4096 / channels);
  uint8_t* repeated = arena_ + scratch_;
  call.second = repeated;
  for (size_t first = 0; first < pixels; first += chunk) {
    const size_t count = std::min(chunk, pixels - first);
    for (size_t i = 0; i < count; ++i) {
      std::memset(repeated + i * channels, arena_[step.second + first + i], channels);
    }
    call.count = count * channels;
    model_.kernels().add(call);
    call.first += call.count;
    call.output += call.count;
  }
}

// The sum of the int8 values divided by their number, rounded half away from zero.
void Session::runPool(size_t index) {
  const Step& step = steps_[index];
  const size_t channels = step.in.channels;
  const auto count = static_cast<int64_t>(step.in.pixels());
  auto* sums = reinterpret_cast<int64_t*>(arena_ + scratch_);
  std::fill_n(sums, channels, 0);
  const uint8_t* values = arena_ + step.input;
  for (int64_t pixel = 0; pixel < count; ++pixel, values += channels) {
    for (size_t channel = 0; channel < channels; ++channel) {
      sums[channel] += values[channel];
    }
  }
  uint8_t* means = arena_ + step.output;
  for (size_t channel = 0; channel < channels; ++channel) {
    const int64_t sum = sums[channel] - count * kOffset;
    const int64_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
    means[channel] = static_cast<uint8_t>(mean + kOffset);
  }
}

// Channels (dy * block + dx) * C + c of a pixel become pixel (dy, dx): `block` runs of block * C values.
void Session::runDepthToSpace(size_t index) {
  const Step& step = steps_[index];
  const size_t block = model_.node(index).block;
  const size_t run = block * step.out.channels;
  const size_t outputRow = static_cast<size_t>(step.out.width) * step.out.channels;
  const uint8_t* input = arena_ + step.input;
  for (uint32_t y = 0; y < step.in.height; ++y) {
    uint8_t* output = arena_ + step.output + y * block * outputRow;
    for (uint32_t x = 0; x < step.in.width; ++x, output += run) {
      for (size_t dy = 0; dy < block; ++dy, input += run) {
        std::copy_n(input, run, output + dy * outputRow);
      }
    }
  }
}

}  // namespace udc
