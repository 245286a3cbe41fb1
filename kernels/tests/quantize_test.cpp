#include "support.h"

namespace udc::kernels::testing {
namespace {

using reference::Quantized;
using reference::Sum;

class QuantizeTest : public Runs {
 protected:
  udc_kernels_error error_ = {};
  std::vector<double> workspace_;
};

struct Weights {
  Buffer<float> weights, steps, quantized, gradient, weight_gradient, step_gradient;
  Buffer<uint8_t> mask;
  udc_quantize_layer layer;
};

Weights random_weights(Random* random, const Shape& shape, int32_t bits, bool masked,
                       int32_t straight_through) {
  const int64_t count = shape.channels * shape.per_channel;
  const float levels = static_cast<float>((1 << (bits - 1)) - 1);
  Weights w = {random->normals(count, 0.1f),
               random->uniforms(shape.channels, 0.1f / levels, 0.3f / levels),
               Buffer<float>(count, 1),
               random->normals(count, 1),
               Buffer<float>(count, 2),
               Buffer<float>(shape.channels, 3),
               Buffer<uint8_t>(count, random->integer(0, 3)),
               {}};
  for (int64_t i = 0; i < count; i++) w.mask[i] = random->integer(0, 1) != 0;
  w.layer = {w.weights.data(),
             w.steps.data(),
             masked ? w.mask.data() : nullptr,
             w.quantized.data(),
             shape.channels,
             shape.per_channel,
             bits,
             straight_through,
             w.gradient.data(),
             w.weight_gradient.data(),
             w.step_gradient.data()};
  return w;
}

void check_weights(const Weights& w) {
  const udc_quantize_layer& layer = w.layer;
  std::vector<Sum> quantized(layer.channels * layer.per_channel), gradient(quantized.size()),
      steps(layer.channels);
  for (size_t i = 0; i < quantized.size(); i++) {
    const int64_t c = static_cast<int64_t>(i) / layer.per_channel;
    const float weight = layer.weights[i];
    const Quantized q = reference::quantize(weight, layer.steps[c], layer.bits);
    const double g = std::isnan(weight) ? weight : layer.quantized_gradient[i];
    const double mask = layer.mask ? layer.mask[i] : 1;
    quantized[i].add(mask * q.value);
    gradient[i].add(g * (layer.straight_through_mask ? 1 : mask) * q.inside);
    steps[c].add(g * mask * q.slope);
  }
  expect_near(layer.quantized, quantized, "quantized");
  expect_near(layer.weight_gradient, gradient, "weight_gradient");
  expect_near(layer.step_gradient, steps, "step_gradient");
}

TEST_P(QuantizeTest, WeightsAgreeWithReference) {
  Random random(1);
  std::vector<Weights> network;
  for (const Shape& shape : odd_shapes()) {
    const int32_t bits = static_cast<int32_t>(random.integer(2, 8));
    network.push_back(random_weights(&random, shape, bits, random.integer(0, 2) > 0,
                                     static_cast<int32_t>(random.integer(0, 1))));
  }
  network[6].weights[0] = std::numeric_limits<float>::infinity();
  network[6].weights[1] = -std::numeric_limits<float>::infinity();
  network[7].weights[5] = std::nanf("");
  network[7].weights[6] = 0x1p-149f;
  network[8].steps[1] = 0;
  network[8].steps[2] = std::nanf("");
  std::vector<udc_quantize_layer> layers;
  for (const Weights& w : network) layers.push_back(w.layer);
  const int64_t count = static_cast<int64_t>(layers.size());
  udc_kernels_execution run = execution();
  int64_t bytes = 0;
  expect_ok(udc_kernels_quantize_backward_workspace(layers.data(), count, &run, &bytes, &error_),
            error_);
  run = execution(&workspace_, bytes);
  expect_ok(udc_kernels_quantize_forward(layers.data(), count, &run, &error_), error_);
  expect_ok(udc_kernels_quantize_backward(layers.data(), count, &run, &error_), error_);
  for (const Weights& w : network) {
    SCOPED_TRACE(std::to_string(w.layer.channels) + " x " + std::to_string(w.layer.per_channel));
    check_weights(w);
  }
}

TEST_P(QuantizeTest, WhatRoundsToZeroHasNoSign) {
  constexpr int64_t kCount = 37;  // no multiple of any register's lanes
  Buffer<float> weights(kCount, 0), quantized(kCount, 1);
  for (int64_t i = 0; i < kCount; i++) weights[i] = (i % 2 ? -0.125f : 0.125f) * (i % 5);
  const float step = 1;
  udc_quantize_layer layer = {};
  layer.weights = weights.data();
  layer.steps = &step;
  layer.quantized = quantized.data();
  layer.channels = 1;
  layer.per_channel = kCount;
  layer.bits = 4;
  udc_kernels_execution run = execution();
  expect_ok(udc_kernels_quantize_forward(&layer, 1, &run, &error_), error_);
  udc_activation_tensor tensor = {};
  Buffer<float> output(kCount, 1);
  tensor.input = weights.data();
  tensor.output = output.data();
  tensor.step = &step;
  tensor.count = kCount;
  tensor.quant_min = -128;
  tensor.quant_max = 127;
  expect_ok(udc_kernels_activation_forward(&tensor, 1, &run, &error_), error_);
  expect_same_bits(quantized, Buffer<float>(kCount, 0), kCount, "quantized");
  expect_same_bits(output, Buffer<float>(kCount, 0), kCount, "output");
}

struct Activations {
  Buffer<float> input, output, gradient, input_gradient;
  float step, step_gradient;
  int32_t zero_point;
};

TEST_P(QuantizeTest, ActivationsAgreeWithReference) {
  Random random(2);
  for (const int64_t count : {1, 7, 8, 1023, 16385, 100001}) {
    for (const int32_t zero_point : {-128, 0, 31, 127}) {
      SCOPED_TRACE("count " + std::to_string(count) + ", zero point " + std::to_string(zero_point));
      Activations a = {random.normals(count, 1),
                       Buffer<float>(count, 1),
                       random.normals(count, 1),
                       Buffer<float>(count, 2),
                       0.013f,
                       0,
                       zero_point};
      if (count == 1023) a.input[11] = std::numeric_limits<float>::infinity();
      if (count == 1023) a.input[12] = -std::numeric_limits<float>::infinity();
      if (count == 1023 && zero_point == 31) a.input[13] = std::nanf("");
      const udc_activation_tensor tensor = {a.input.data(),
                                            a.output.data(),
                                            &a.step,
                                            &a.zero_point,
                                            count,
                                            -128,
                                            127,
                                            a.gradient.data(),
                                            a.input_gradient.data(),
                                            &a.step_gradient};
      udc_kernels_execution run = execution();
      int64_t bytes = 0;
      expect_ok(udc_kernels_activation_backward_workspace(&tensor, 1, &run, &bytes, &error_),
                error_);
      run = execution(&workspace_, bytes);
      expect_ok(udc_kernels_activation_forward(&tensor, 1, &run, &error_), error_);
      expect_ok(udc_kernels_activation_backward(&tensor, 1, &run, &error_), error_);
      std::vector<Sum> output(count), gradient(count), step(1);
      for (int64_t i = 0; i < count; i++) {
        const float x = a.input[i];
        const Quantized q = reference::quantize(x, a.step, -128.0 - zero_point, 127.0 - zero_point);
        const double g = std::isnan(x) ? x : a.gradient[i];
        output[i].add(q.value);
        gradient[i].add(g * q.inside);
        step[0].add(g * q.slope);
      }
      expect_near(a.output.data(), output, "output");
      expect_near(a.input_gradient.data(), gradient, "input_gradient");
      expect_near(&a.step_gradient, step, "step_gradient");
    }
  }
}

TEST_P(QuantizeTest, WorksInPlace) {
  Random random(3);
  Weights apart = random_weights(&random, {9, 77}, 4, true, 0), in_place = apart;
  udc_quantize_layer layer = apart.layer;
  udc_quantize_layer same = layer;
  same.weights = same.quantized = in_place.weights.data();
  const udc_kernels_execution run = execution();
  expect_ok(udc_kernels_quantize_forward(&layer, 1, &run, &error_), error_);
  expect_ok(udc_kernels_quantize_forward(&same, 1, &run, &error_), error_);
  EXPECT_EQ(std::memcmp(layer.quantized, same.quantized, 9 * 77 * sizeof(float)), 0);
}

TEST_P(QuantizeTest, RefusesBadRanges) {
  float value = 1;
  udc_activation_tensor tensor = {};
  tensor.input = tensor.step = &value;
  tensor.output = &value;
  tensor.count = 1;
  tensor.quant_min = 5;
  tensor.quant_max = 4;
  const udc_kernels_execution run = execution();
  EXPECT_EQ(udc_kernels_activation_forward(&tensor, 1, &run, &error_),
            UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "quant_max is 4, expected 5 to 32767");
}

INSTANTIATE_TEST_SUITE_P(All, QuantizeTest, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
