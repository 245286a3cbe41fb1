#include "network.h"

namespace udc::kernels::testing {
namespace {

class MixTest : public Runs {
 protected:
  void forward(MixNetwork* network) {
    udc_kernels_error error = {};
    const udc_kernels_execution run = execution();
    const auto& layers = network->layers();
    expect_ok(udc_kernels_mix_forward(layers.data(), static_cast<int64_t>(layers.size()),
                                      &network->options(), &run, &error),
              error);
  }

  void backward(MixNetwork* network) {
    udc_kernels_error error = {};
    const auto& layers = network->layers();
    const int64_t count = static_cast<int64_t>(layers.size());
    udc_kernels_execution run = execution();
    int64_t bytes = -1;
    expect_ok(udc_kernels_mix_backward_workspace(layers.data(), count, &network->options(), &run,
                                                 &bytes, &error),
              error);
    run = execution(&workspace_, bytes);
    expect_ok(udc_kernels_mix_backward(layers.data(), count, &network->options(), &run, &error),
              error);
  }

  void check(MixNetwork* network) {
    forward(network);
    backward(network);
    for (size_t i = 0; i < network->layers().size(); i++) {
      const udc_mix_layer& layer = network->layers()[i];
      SCOPED_TRACE("layer " + std::to_string(i) + ": " + std::to_string(layer.channels) + " x " +
                   std::to_string(layer.per_channel));
      const reference::Mix expected = reference::mix(layer, network->options());
      expect_near(layer.mixed, expected.mixed, "mixed");
      expect_near(layer.weight_gradient, expected.weights, "weight_gradient");
      expect_near(layer.bit_gradient, expected.bits, "bit_gradient");
      expect_near(layer.sparsity_gradient, expected.sparsities, "sparsity_gradient");
      expect_near(layer.step_gradient, expected.steps, "step_gradient");
      if (layer.mask_gradient) expect_near(layer.mask_gradient, expected.mask, "mask_gradient");
      expect_near(layer.channel_mask_gradient, expected.channel_mask, "channel_mask_gradient");
    }
  }

  std::vector<double> workspace_;
};

TEST_P(MixTest, AgreesWithReferenceOnOddShapes) {
  for (int32_t straight_through = 0; straight_through < 2; straight_through++) {
    MixNetwork network(odd_shapes(), all_options(straight_through), 1);
    check(&network);
  }
}

TEST_P(MixTest, AgreesForMoreTensorsThanOneLaunchTakes) {
  std::vector<Shape> shapes;
  for (int64_t i = 0; i < 130; i++) shapes.push_back({i % 7 + 1, i + 1});
  MixNetwork network(shapes, all_options(), 9);
  check(&network);
}

TEST_P(MixTest, AddsUpManyChannels) {
  MixNetwork network({{9000, 37}}, all_options(), 10);
  check(&network);
}

TEST_P(MixTest, AgreesForEveryNumberOfOptions) {
  for (int32_t bits = 1; bits <= 8; bits++) {
    for (int32_t sparsities = 1; sparsities <= 8; sparsities++) {
      MixNetwork network({{3, 37}}, {{2, 3, 4, 5, 6, 7, 8, 16}, bits, sparsities, 0}, 2);
      check(&network);
    }
  }
}

TEST_P(MixTest, DefinedForZerosDenormalsAndValuesThatAreNotFinite) {
  MixNetwork network({{4, 41}, {3, 5}}, all_options(), 3);
  Buffer<float>& weights = network.tensor(0).weights;
  weights[0] = 0;
  weights[1] = -0.0f;
  weights[2] = 0x1p-149f;
  weights[3] = -0x1p-130f;
  weights[44] = std::numeric_limits<float>::infinity();
  weights[45] = -std::numeric_limits<float>::infinity();
  weights[46] = std::numeric_limits<float>::max();
  weights[90] = std::nanf("");
  check(&network);
  EXPECT_TRUE(std::isnan(network.tensor(0).mixed[90]));
  EXPECT_TRUE(std::isnan(network.tensor(0).bit_gradient[0]));
  EXPECT_FALSE(std::isnan(network.tensor(1).bit_gradient[0]));
}

TEST_P(MixTest, TreatsAnUnusableStepAsNoQuantizer) {
  MixNetwork network({{6, 19}}, all_options(), 4);
  Buffer<float>& steps = network.tensor(0).steps;
  steps[0] = 0;
  steps[7] = -0.1f;
  steps[14] = std::nanf("");
  steps[21] = std::numeric_limits<float>::infinity();
  for (int b = 0; b < 6; b++) steps[30 + b] = 0;
  steps[28] = 0x1p-50f;
  steps[29] = 0x1p50f;
  check(&network);
  EXPECT_EQ(network.tensor(0).step_gradient[0], 0);
  EXPECT_EQ(network.tensor(0).mixed[5 * 19], 0);
}

TEST_P(MixTest, RoundsHalfToEven) {
  MixNetwork network({{1, 9}}, {{8}, 1, 1, 0}, 5);
  MixTensor& tensor = network.tensor(0);
  network.layers()[0].mask = network.layers()[0].channel_mask = nullptr;
  tensor.steps[0] = 0.1f;
  tensor.bit_probabilities[0] = tensor.sparsity_probabilities[0] = 1;
  tensor.thresholds[0] = 0;
  const float levels[] = {0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 63.5f, 126.5f, 200};
  const float expected[] = {0, 2, 2, 0, -2, -2, 64, 126, 127};
  for (int i = 0; i < 9; i++) tensor.weights[i] = levels[i] * 0.125f;
  tensor.steps[0] = 0.125f;
  forward(&network);
  for (int i = 0; i < 9; i++) EXPECT_EQ(tensor.mixed[i], expected[i] * 0.125f) << i;
}

TEST_P(MixTest, GivesTheSameBitsWithAnyNumberOfThreads) {
  const std::vector<Shape> shapes = {{257, 301}, {3, 70001}, {1000, 9}};
  MixNetwork one(shapes, all_options(), 6), other(shapes, all_options(), 6);
  forward(&one);
  backward(&one);
  for (int32_t threads = 1; threads <= 3; threads++) {
    udc_kernels_execution run = execution(&workspace_, 1 << 24);
    run.threads = threads;
    udc_kernels_error error = {};
    const auto& layers = other.layers();
    expect_ok(udc_kernels_mix_forward(layers.data(), 3, &other.options(), &run, &error), error);
    expect_ok(udc_kernels_mix_backward(layers.data(), 3, &other.options(), &run, &error), error);
    for (int i = 0; i < 3; i++) {
      MixTensor &a = one.tensor(i), &b = other.tensor(i);
      const int64_t count = shapes[i].channels * shapes[i].per_channel;
      expect_same_bits(a.mixed, b.mixed, count, "mixed");
      expect_same_bits(a.weight_gradient, b.weight_gradient, count, "weight_gradient");
      expect_same_bits(a.bit_gradient, b.bit_gradient, 6, "bit_gradient");
      expect_same_bits(a.sparsity_gradient, b.sparsity_gradient, 5, "sparsity_gradient");
      expect_same_bits(a.step_gradient, b.step_gradient, shapes[i].channels * 6, "steps");
      expect_same_bits(a.mask_gradient, b.mask_gradient, shapes[i].per_channel, "mask_gradient");
    }
  }
}

TEST_P(MixTest, EmptyTensorsHaveZeroGradients) {
  MixNetwork network({{4, 3}}, all_options(), 7);
  network.layers()[0].per_channel = 0;
  network.tensor(0).bit_gradient[0] = network.tensor(0).step_gradient[5] = 7;
  forward(&network);
  backward(&network);
  EXPECT_EQ(network.tensor(0).bit_gradient[0], 0);
  EXPECT_EQ(network.tensor(0).step_gradient[5], 0);
}

TEST_P(MixTest, RefusesBadArgumentsByName) {
  MixNetwork network({{4, 3}, {5, 2}}, all_options(), 8);
  udc_kernels_execution run = execution();
  udc_kernels_error error = {};
  const auto& layers = network.layers();
  EXPECT_EQ(udc_kernels_mix_backward(layers.data(), 2, &network.options(), &run, &error),
            UDC_KERNELS_BUFFER_TOO_SMALL);
  EXPECT_EQ(udc_kernels_mix_forward(layers.data(), 2, nullptr, &run, nullptr),
            UDC_KERNELS_INVALID_ARGUMENT);
  network.layers()[1].thresholds = nullptr;
  EXPECT_EQ(udc_kernels_mix_forward(layers.data(), 2, &network.options(), &run, &error),
            UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_EQ(error.layer, 1);
  EXPECT_STREQ(error.message, "thresholds is null");
  network.layers()[1].channels = -1;
  EXPECT_EQ(udc_kernels_mix_forward(layers.data(), 2, &network.options(), &run, &error),
            UDC_KERNELS_INVALID_ARGUMENT);
  udc_mix_options options = all_options();
  options.bit_widths[2] = 1;
  EXPECT_EQ(udc_kernels_mix_forward(layers.data(), 1, &options, &run, &error),
            UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "bit_widths is 1, expected 2 to 16");
}

INSTANTIATE_TEST_SUITE_P(All, MixTest, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
