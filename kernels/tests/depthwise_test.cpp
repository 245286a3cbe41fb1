#include "support.h"

namespace udc::kernels::testing {
namespace {

using reference::Sum;

struct Geometry {
  int64_t pictures, channels, in_rows, in_columns;
  int32_t kernel, stride, top, left;
};

// TFLite's "same" at strides 1 and 2, even kernels, sides below the kernel's, channels that leave a
// rest.
std::vector<Geometry> geometries() {
  return {{1, 1, 1, 1, 1, 1, 0, 0},    {2, 3, 5, 7, 3, 1, 1, 1},    {3, 8, 4, 4, 5, 1, 2, 2},
          {2, 16, 16, 16, 5, 2, 1, 1}, {2, 13, 9, 8, 3, 2, 1, 0},   {1, 33, 2, 3, 7, 1, 3, 3},
          {4, 40, 6, 5, 4, 3, 1, 2},   {17, 51, 9, 11, 5, 1, 2, 2}, {3, 35, 11, 9, 5, 2, 2, 1},
          {2, 48, 9, 6, 3, 1, 0, 2},   {2, 37, 10, 13, 3, 2, 0, 1}, {0, 4, 3, 3, 3, 1, 1, 1},
          {2, 5, 3, 30, 16, 1, 15, 15}};
}

struct Layer {
  Buffer<float> weights, input, output, output_gradient, input_gradient, weight_gradient;
  udc_depthwise d;
};

Layer random_layer(Random* random, const Geometry& g) {
  const int64_t out_rows = (g.in_rows + g.stride - 1) / g.stride;
  const int64_t out_columns = (g.in_columns + g.stride - 1) / g.stride;
  const int64_t in = g.pictures * g.in_rows * g.in_columns * g.channels;
  const int64_t out = g.pictures * out_rows * out_columns * g.channels;
  const int64_t taps = g.channels * g.kernel * g.kernel;
  Layer layer = {random->normals(taps, 1),
                 random->normals(in, 1),
                 Buffer<float>(out, 1),
                 random->normals(out, 1),
                 Buffer<float>(in, 2),
                 Buffer<float>(taps, 3),
                 {}};
  layer.d = {g.pictures,
             g.channels,
             g.in_rows,
             g.in_columns,
             out_rows,
             out_columns,
             g.kernel,
             g.stride,
             g.top,
             g.left,
             layer.weights.data(),
             layer.input.data(),
             layer.output.data(),
             layer.output_gradient.data(),
             layer.input_gradient.data(),
             layer.weight_gradient.data(),
             0};
  return layer;
}

// Calls visit(input index, output index, weight index) for every product of the convolution.
template <typename Visit>
void for_each_product(const udc_depthwise& d, const Visit& visit) {
  for (int64_t n = 0; n < d.pictures; n++)
    for (int64_t v = 0; v < d.out_rows; v++)
      for (int64_t u = 0; u < d.out_columns; u++)
        for (int64_t i = 0; i < d.kernel; i++)
          for (int64_t j = 0; j < d.kernel; j++) {
            const int64_t y = v * d.stride + i - d.top;
            const int64_t x = u * d.stride + j - d.left;
            if (y < 0 || y >= d.in_rows || x < 0 || x >= d.in_columns) continue;
            for (int64_t c = 0; c < d.channels; c++) {
              visit(((n * d.in_rows + y) * d.in_columns + x) * d.channels + c,
                    ((n * d.out_rows + v) * d.out_columns + u) * d.channels + c,
                    (c * d.kernel + i) * d.kernel + j);
            }
          }
}

void check_layer(const udc_depthwise& d) {
  std::vector<Sum> output(d.pictures * d.out_rows * d.out_columns * d.channels);
  std::vector<Sum> input(d.pictures * d.in_rows * d.in_columns * d.channels);
  std::vector<Sum> weights(d.channels * d.kernel * d.kernel);
  for_each_product(d, [&](int64_t in, int64_t out, int64_t tap) {
    output[out].add(static_cast<double>(d.input[in]) * d.weights[tap]);
    input[in].add(static_cast<double>(d.output_gradient[out]) * d.weights[tap]);
    weights[tap].add(static_cast<double>(d.output_gradient[out]) * d.input[in]);
  });
  expect_near(d.output, output, "output");
  expect_near(d.input_gradient, input, "input_gradient");
  expect_near(d.weight_gradient, weights, "weight_gradient");
}

class DepthwiseTest : public Runs {
 protected:
  void run(const udc_depthwise& d) {
    udc_kernels_execution sizing = execution();
    int64_t bytes = 0;
    expect_ok(udc_kernels_depthwise_workspace(&d, &sizing, &bytes, &error_), error_);
    const udc_kernels_execution ready = execution(&workspace_, bytes);
    expect_ok(udc_kernels_depthwise_forward(&d, &ready, &error_), error_);
    expect_ok(udc_kernels_depthwise_backward(&d, &ready, &error_), error_);
  }

  udc_kernels_error error_ = {};
  std::vector<double> workspace_;
};

TEST_P(DepthwiseTest, AgreesWithReference) {
  Random random(31);
  for (const Geometry& geometry : geometries()) {
    const Layer layer = random_layer(&random, geometry);
    run(layer.d);
    check_layer(layer.d);
  }
}

TEST_P(DepthwiseTest, GradientsLeftOutAreNotWritten) {
  Random random(32);
  Layer layer = random_layer(&random, {2, 8, 5, 5, 3, 1, 1, 1});
  layer.d.input_gradient = nullptr;
  layer.weight_gradient[0] = 77;
  run(layer.d);
  EXPECT_NE(layer.weight_gradient[0], 77);
  layer.d.input_gradient = layer.input_gradient.data();
  layer.d.weight_gradient = nullptr;
  layer.weight_gradient[0] = 77;
  run(layer.d);
  EXPECT_EQ(layer.weight_gradient[0], 77);
}

TEST_P(DepthwiseTest, AddsToTheGradientOfTheInputWhereAsked) {
  Random random(35);
  for (const Geometry& geometry : geometries()) {
    Layer layer = random_layer(&random, geometry);
    run(layer.d);
    const Layer written = layer;
    layer.d.accumulate = 1;
    run(layer.d);
    const int64_t count =
        layer.d.pictures * layer.d.in_rows * layer.d.in_columns * layer.d.channels;
    for (int64_t i = 0; i < count; i++) {
      const float once = written.input_gradient[i];
      ASSERT_NEAR(layer.input_gradient[i], 2 * once, 1e-5 * (1 + std::fabs(once))) << i;
    }
  }
}

TEST_P(DepthwiseTest, NumberOfThreadsChangesNoBit) {
  Random random(33);
  Layer layer = random_layer(&random, {9, 24, 11, 6, 5, 2, 2, 1});
  run(layer.d);
  const Layer before = layer;
  udc_kernels_execution alone =
      execution(&workspace_, static_cast<int64_t>(workspace_.size()) * 8 - 16);
  alone.threads = 1;
  expect_ok(udc_kernels_depthwise_forward(&layer.d, &alone, &error_), error_);
  expect_ok(udc_kernels_depthwise_backward(&layer.d, &alone, &error_), error_);
  expect_same_bits(before.output, layer.output, 9 * 6 * 3 * 24, "output");
  expect_same_bits(before.input_gradient, layer.input_gradient, 9 * 11 * 6 * 24, "input_gradient");
  expect_same_bits(before.weight_gradient, layer.weight_gradient, 24 * 25, "weight_gradient");
}

TEST_P(DepthwiseTest, RefusesWhatItCannotCompute) {
  Random random(34);
  Layer layer = random_layer(&random, {1, 2, 3, 3, 3, 1, 1, 1});
  const udc_kernels_execution none = execution();
  EXPECT_EQ(udc_kernels_depthwise_forward(&layer.d, &none, &error_), UDC_KERNELS_BUFFER_TOO_SMALL);
  layer.d.top = 3;
  EXPECT_EQ(udc_kernels_depthwise_forward(&layer.d, &none, &error_), UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "top is 3, expected 0 to 2");
  layer.d.top = 1;
  layer.d.output = nullptr;
  EXPECT_EQ(udc_kernels_depthwise_forward(&layer.d, &none, &error_), UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "output is null");
}

INSTANTIATE_TEST_SUITE_P(Ways, DepthwiseTest, ::testing::ValuesIn(cpu_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
