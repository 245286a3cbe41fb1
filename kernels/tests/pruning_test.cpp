#include "support.h"

namespace udc::kernels::testing {
namespace {

class PruningTest : public Runs {
 protected:
  // Thresholds of all tensors for all sparsities, then the mask of each, against a sort.
  void check(std::vector<Buffer<float>>& tensors, const std::vector<int64_t>& counts,
             const std::vector<double>& sparsities) {
    const int options = static_cast<int>(sparsities.size());
    const int64_t layers = static_cast<int64_t>(tensors.size());
    std::vector<float> thresholds(layers * options);
    std::vector<int64_t> tie_limits(layers * options);
    std::vector<udc_threshold_layer> all;
    for (int64_t i = 0; i < layers; i++) {
      all.push_back({tensors[i].data(), counts[i], sparsities.data(), &thresholds[i * options],
                     &tie_limits[i * options]});
    }
    udc_kernels_error error = {};
    udc_kernels_execution run = execution();
    int64_t bytes = 0;
    expect_ok(udc_kernels_thresholds_workspace(all.data(), layers, options, &run, &bytes, &error),
              error);
    std::vector<double> workspace;
    run = execution(&workspace, bytes);
    expect_ok(udc_kernels_thresholds(all.data(), layers, options, &run, &error), error);
    for (int64_t i = 0; i < layers; i++) {
      for (int s = 0; s < options; s++) {
        SCOPED_TRACE("tensor of " + std::to_string(counts[i]) + ", sparsity " +
                     std::to_string(sparsities[s]));
        const auto expected = reference::survivors(tensors[i].data(), counts[i], sparsities[s]);
        Buffer<uint8_t> mask(counts[i], 1);
        const udc_mask_layer layer = {tensors[i].data(), mask.data(), &thresholds[i * options + s],
                                      &tie_limits[i * options + s], counts[i]};
        expect_ok(udc_kernels_make_masks(&layer, 1, &run, &error), error);
        for (int64_t k = 0; k < counts[i]; k++) {
          ASSERT_EQ(mask[k], expected[k] ? 1 : 0) << "weight " << k << " of " << counts[i];
        }
      }
    }
  }
};

const std::vector<double> kSparsities = {0, 0.5, 0.75, 0.875, 0.94};

TEST_P(PruningTest, KeepsExactlyTheLargest) {
  Random random(1);
  std::vector<Buffer<float>> tensors;
  const std::vector<int64_t> counts = {1, 2, 3, 16, 17, 1023, 65536, 65537, 200001};
  for (const int64_t count : counts) tensors.push_back(random.normals(count, 0.1f));
  check(tensors, counts, kSparsities);
  check(tensors, counts, {1.0, 0.999999, 0.3});
  check(tensors, counts, {0.5});
}

TEST_P(PruningTest, KeepsTheLargestOfMoreTensorsThanOneLaunchTakes) {
  Random random(6);
  std::vector<Buffer<float>> tensors;
  std::vector<int64_t> counts;
  for (int64_t i = 0; i < 130; i++) {
    counts.push_back(i == 64 ? 0 : i + 1);
    tensors.push_back(random.normals(counts.back(), 0.1f));
  }
  check(tensors, counts, kSparsities);
}

TEST_P(PruningTest, BreaksTiesByIndex) {
  Random random(2);
  std::vector<Buffer<float>> tensors;
  const std::vector<int64_t> counts = {7, 1000, 150001, 70000};
  for (const int64_t count : counts) {
    tensors.push_back(Buffer<float>(count, random.integer(0, 3)));
    for (int64_t i = 0; i < count; i++) {
      // Few values, so that nearly every threshold falls among ties; the last tensor has only one.
      const float value = count == 70000 ? 3 : static_cast<float>(random.integer(-4, 4));
      tensors.back()[i] = value * 0.25f;
    }
  }
  check(tensors, counts, kSparsities);
  check(tensors, counts, {0.1, 0.11, 0.12, 0.13, 0.9, 0.91, 0.92, 1});
}

TEST_P(PruningTest, OrdersDenormalsAndValuesThatAreNotFinite) {
  Random random(3);
  std::vector<Buffer<float>> tensors;
  tensors.push_back(random.normals(4000, 0x1p-140f));
  tensors[0][5] = std::numeric_limits<float>::infinity();
  tensors[0][6] = std::nanf("");
  tensors[0][7] = -std::nanf("");
  tensors[0][8] = -0.0f;
  check(tensors, {4000}, {0, 0.5, 0.9995, 0.99975, 1});
}

TEST_P(PruningTest, AppliesMasksInPlace) {
  Random random(4);
  Buffer<float> weights = random.normals(100003, 1), before = weights;
  weights[7] = before[7] = std::nanf("");
  Buffer<uint8_t> mask(100003, 3);
  for (int64_t i = 0; i < 100003; i++) mask[i] = i % 3 == 0;
  const udc_mask_layer layer = {weights.data(), mask.data(), nullptr, nullptr, 100003};
  const udc_kernels_execution run = execution();
  udc_kernels_error error = {};
  expect_ok(udc_kernels_apply_masks(&layer, 1, &run, &error), error);
  for (int64_t i = 0; i < 100003; i++) {
    const float expected = i % 3 == 0 ? before[i] : 0.0f;
    ASSERT_EQ(std::memcmp(&weights[i], &expected, sizeof expected), 0) << i;
  }
}

TEST_P(PruningTest, RefusesASparsityOutOfRange) {
  float weight = 1, threshold;
  int64_t tie_limit;
  for (const double sparsity : {-0.1, 1.1, std::nan("")}) {
    const udc_threshold_layer layer = {&weight, 1, &sparsity, &threshold, &tie_limit};
    const udc_kernels_execution run = execution();
    EXPECT_EQ(udc_kernels_thresholds(&layer, 1, 1, &run, nullptr), UDC_KERNELS_INVALID_ARGUMENT);
  }
}

TEST_P(PruningTest, NormalizesChannels) {
  Random random(5);
  for (const Shape& shape : odd_shapes()) {
    const int64_t count = shape.channels * shape.per_channel;
    Buffer<float> weights = random.normals(count, 0.01f);
    const Buffer<float> before = weights;
    Buffer<float> factors(shape.channels, 1);
    if (shape.channels > 2) {
      for (int64_t j = 0; j < shape.per_channel; j++) weights[shape.per_channel + j] = 0;
      weights[0] = std::numeric_limits<float>::infinity();
    }
    const udc_normalize_layer layer = {weights.data(), factors.data(), shape.channels,
                                       shape.per_channel};
    const udc_kernels_execution run = execution();
    udc_kernels_error error = {};
    expect_ok(udc_kernels_normalize_channels(&layer, 1, &run, &error), error);
    for (int64_t c = 0; c < shape.channels; c++) {
      if (shape.channels > 2 && c < 2) {
        ASSERT_EQ(factors[c], 1);
        continue;
      }
      double squares = 0;
      for (int64_t j = 0; j < shape.per_channel; j++) {
        const double value = before[c * shape.per_channel + j];
        squares += value * value;
      }
      const double factor = 1 / std::sqrt(squares / static_cast<double>(shape.per_channel));
      ASSERT_NEAR(factors[c], factor, 1e-6 * factor);
      for (int64_t j = 0; j < shape.per_channel; j++) {
        const int64_t i = c * shape.per_channel + j;
        ASSERT_NEAR(weights[i], before[i] * factor, 1e-6 * std::fabs(before[i] * factor));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, PruningTest, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
