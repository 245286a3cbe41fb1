// Runs a model, picture by picture, in one block of memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "executor/plan.h"

namespace udc {

class Session {
 public:
  // Bytes that a session needs, whatever the alignment of the block.
  static size_t bytes(const Plan& plan);

  // A session in a block of at least that many bytes, which stays the caller's.
  static Session* createIn(const Model& model, const Plan& plan, void* memory);

  const Model& model() const { return model_; }
  const Shape& input() const { return input_; }
  const Shape& output() const { return output_; }

  // From and to feature maps of int8 values.
  void run(const int8_t* input, int8_t* output);
  // From rows of pixels.
  void runPixels(const uint8_t* pixels, size_t rowBytes, int8_t* output);
  // To rows of pixels, by a table of 256 entries from -128 on.
  void upscale(const uint8_t* pixels, size_t rowBytes, const uint8_t* table, uint8_t* out,
               size_t outRowBytes);

 private:
  Session(const Model& model, const Plan& plan, Step* steps, uint8_t* arena);

  void runSteps();
  void runWeighted(size_t index);
  void convolve(const PackedLayer& layer, const Node& node, const Step& step, const uint8_t* input,
                size_t inputRowBytes, uint32_t firstRow, uint32_t rows);
  void convolveDepthwise(const PackedLayer& layer, const Node& node, const Step& step, const uint8_t* input,
                         size_t inputRowBytes, uint32_t firstRow, uint32_t rows);
  void runAdd(size_t index);
  void runPool(size_t index);
  void runDepthToSpace(size_t index);
  void readPixels(const uint8_t* pixels, size_t rowBytes);
  void writeOutput(int8_t* output) const;
  const uint8_t* outputMap() const;

  const Model& model_;
  Step* steps_;
  uint8_t* arena_;
  uint64_t image_;
  uint64_t scratch_;
  Shape input_;
  Shape output_;
};

}  // namespace udc
