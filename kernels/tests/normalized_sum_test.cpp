#include "support.h"

namespace udc::kernels::testing {
namespace {

using reference::Sum;

struct Geometry {
  int64_t positions, channels;
  int32_t terms;
  bool residual, rectify, given;
};

// One position, one channel, channels that leave a rest in every register, thousands of them, more
// rows than a unit has, more terms than are summed up at once.
std::vector<Geometry> geometries() {
  return {{1, 1, 1, false, false, false},   {7, 1, 2, true, true, false},
          {9001, 1, 1, false, true, false}, {300, 13, 3, true, false, false},
          {513, 16, 1, false, true, false}, {2100, 24, 2, true, true, false},
          {65, 255, 5, true, true, false},  {130, 300, 2, false, true, false},
          {40, 3001, 1, true, true, false}, {1000, 64, 2, true, true, true},
          {77, 19, 3, false, false, true},  {0, 5, 1, false, true, false}};
}

struct Term {
  Buffer<float> map, scale, shift, mean, variance, map_gradient, scale_gradient, shift_gradient;
};

// A sum with buffers of its own.
struct Case {
  Geometry g;
  std::vector<Term> buffers;
  std::vector<udc_normalized_term> terms;
  Buffer<float> residual, output, output_gradient, residual_gradient;

  int64_t size() const { return g.positions * g.channels; }

  udc_normalized_sum sum() {
    terms.clear();
    for (Term& t : buffers) {
      terms.push_back({t.map.data(), t.scale.data(), t.shift.data(), t.mean.data(),
                       t.variance.data(), t.map_gradient.data(), t.scale_gradient.data(),
                       t.shift_gradient.data()});
    }
    return {g.positions,
            g.channels,
            terms.data(),
            g.terms,
            g.given,
            g.rectify,
            1e-5f,
            g.residual ? residual.data() : nullptr,
            output.data(),
            output_gradient.data(),
            g.residual ? residual_gradient.data() : nullptr};
  }
};

Case random_case(Random* random, const Geometry& g) {
  const int64_t size = g.positions * g.channels;
  Case result = {g,
                 {},
                 {},
                 random->normals(size, 1),
                 Buffer<float>(size, 1),
                 random->normals(size, 1),
                 Buffer<float>(size, 3)};
  for (int32_t k = 0; k < g.terms; k++) {
    Term term = {random->normals(size, 2),
                 random->normals(g.channels, 1),
                 random->normals(g.channels, 1),
                 random->normals(g.channels, 1),
                 random->uniforms(g.channels, 0.1f, 2),
                 Buffer<float>(size, 2),
                 Buffer<float>(g.channels, 1),
                 Buffer<float>(g.channels, 3)};
    for (int64_t i = 0; i < size; i++) term.map[i] += static_cast<float>(i % g.channels % 5);
    result.buffers.push_back(std::move(term));
  }
  return result;
}

// The moments of one channel of a map, in float64 and in two passes.
struct Moments {
  double mean = 0, variance = 0, energy = 0;

  Moments(const Buffer<float>& map, const Geometry& g, int64_t channel) {
    const double n = std::max<double>(1, static_cast<double>(g.positions));
    for (int64_t p = 0; p < g.positions; p++) mean += map[p * g.channels + channel] / n;
    for (int64_t p = 0; p < g.positions; p++) {
      const double x = map[p * g.channels + channel];
      variance += (x - mean) * (x - mean) / n;
      energy += x * x / n;
    }
  }
};

void check_statistics(Case& c) {
  for (Term& term : c.buffers) {
    for (int64_t channel = 0; channel < c.g.channels; channel++) {
      const Moments moments(term.map, c.g, channel);
      const double deviation = std::sqrt(moments.variance);
      ASSERT_NEAR(term.mean[channel], moments.mean, 1e-6 * (deviation + std::fabs(moments.mean)));
      ASSERT_NEAR(term.variance[channel], moments.variance,
                  1e-5 * moments.variance + 1e-12 * moments.energy + 1e-30);
    }
  }
}

// What the kernels' own statistics, output and sums give in float64.
void check_values(Case& c) {
  const Geometry& g = c.g;
  std::vector<Sum> output(c.size()), residual(c.size());
  for (int64_t i = 0; i < c.size(); i++) {
    if (g.residual) output[i].add(c.residual[i]);
    for (Term& t : c.buffers) {
      const int64_t channel = i % g.channels;
      const double scale = t.scale[channel] / std::sqrt(t.variance[channel] + double{1e-5f});
      output[i].add(scale * t.map[i]);
      output[i].add(-scale * t.mean[channel]);
      output[i].add(t.shift[channel]);
    }
    if (g.rectify && output[i].value < 0) output[i].value = 0;
    residual[i].add(g.rectify && c.output[i] <= 0 ? 0 : c.output_gradient[i]);
  }
  expect_near(c.output, output, "output");
  if (g.residual) expect_near(c.residual_gradient, residual, "residual_gradient", 0);
  const double n = std::max<double>(1, static_cast<double>(g.positions));
  for (Term& t : c.buffers) {
    std::vector<Sum> shifts(g.channels), scales(g.channels), maps(c.size());
    const auto normal = [&](int64_t i) {
      const int64_t channel = i % g.channels;
      return (t.map[i] - static_cast<double>(t.mean[channel])) /
             std::sqrt(t.variance[channel] + double{1e-5f});
    };
    for (int64_t i = 0; i < c.size(); i++) {
      shifts[i % g.channels].add(residual[i].value);
      scales[i % g.channels].add(residual[i].value * normal(i));
    }
    for (int64_t i = 0; i < c.size(); i++) {
      const int64_t channel = i % g.channels;
      const double scale = t.scale[channel] / std::sqrt(t.variance[channel] + double{1e-5f});
      maps[i].add(scale * residual[i].value);
      if (g.given) continue;
      maps[i].value -= scale * (shifts[channel].value + normal(i) * scales[channel].value) / n;
      // As exact as the sums; and what is far from zero is multiplied before it is taken away.
      const double distance = (std::fabs(t.map[i]) + std::fabs(t.mean[channel])) /
                              std::sqrt(t.variance[channel] + double{1e-5f});
      maps[i].magnitude +=
          std::fabs(scale) / n * (shifts[channel].magnitude + distance * scales[channel].magnitude);
    }
    expect_near(t.shift_gradient, shifts, "shift_gradient");
    expect_near(t.scale_gradient, scales, "scale_gradient");
    expect_near(t.map_gradient, maps, "map_gradient");
  }
}

class NormalizedSumTest : public Runs {
 protected:
  void run(const udc_normalized_sum& sum) {
    udc_kernels_execution sizing = execution();
    int64_t bytes = 0;
    expect_ok(udc_kernels_normalized_sum_workspace(&sum, &sizing, &bytes, &error_), error_);
    const udc_kernels_execution ready = execution(&workspace_, bytes);
    expect_ok(udc_kernels_normalized_sum_forward(&sum, &ready, &error_), error_);
    expect_ok(udc_kernels_normalized_sum_backward(&sum, &ready, &error_), error_);
  }

  udc_kernels_error error_ = {};
  std::vector<double> workspace_;
};

TEST_P(NormalizedSumTest, AgreesWithReference) {
  Random random(41);
  for (const Geometry& geometry : geometries()) {
    Case c = random_case(&random, geometry);
    run(c.sum());
    if (!geometry.given) check_statistics(c);
    check_values(c);
  }
}

TEST_P(NormalizedSumTest, GradientsMayTakeThePlaceOfWhatTheyComeFrom) {
  Random random(42);
  Case apart = random_case(&random, {700, 24, 2, true, true, false});
  Case in_place = apart;
  run(apart.sum());
  udc_normalized_sum sum = in_place.sum();
  sum.residual_gradient = in_place.output_gradient.data();
  for (int k = 0; k < 2; k++) in_place.terms[k].map_gradient = in_place.buffers[k].map.data();
  run(sum);
  expect_same_bits(apart.residual_gradient, in_place.output_gradient, apart.size(), "residual");
  for (int k = 0; k < 2; k++) {
    expect_same_bits(apart.buffers[k].map_gradient, in_place.buffers[k].map, apart.size(), "map");
  }
}

TEST_P(NormalizedSumTest, AConstantChannelHasNoVarianceAndNoGradient) {
  Random random(43);
  Case c = random_case(&random, {3000, 18, 1, false, false, false});
  for (int64_t p = 0; p < 3000; p++) c.buffers[0].map[p * 18 + 7] = 1234.567f;
  run(c.sum());
  EXPECT_EQ(c.buffers[0].mean[7], 1234.567f);
  EXPECT_EQ(c.buffers[0].variance[7], 0);
  EXPECT_EQ(c.buffers[0].scale_gradient[7], 0);
  for (int64_t p = 0; p < 3000; p++) {
    ASSERT_NEAR(c.output[p * 18 + 7], c.buffers[0].shift[7],
                1e-4 * 1234.567 * std::fabs(c.buffers[0].scale[7]) / std::sqrt(1e-5));
  }
}

TEST_P(NormalizedSumTest, AMeanFarFromZeroCostsNoVariance) {
  Random random(44);
  Case c = random_case(&random, {5000, 6, 1, false, true, false});
  for (int64_t i = 0; i < c.size(); i++) c.buffers[0].map[i] = 1000 + random.normal();
  run(c.sum());
  for (int64_t channel = 0; channel < 6; channel++) {
    const Moments moments(c.buffers[0].map, c.g, channel);
    EXPECT_NEAR(c.buffers[0].variance[channel], moments.variance, 1e-5 * moments.variance);
  }
}

TEST_P(NormalizedSumTest, NotANumberGoesWhereItBelongs) {
  Random random(45);
  Case c = random_case(&random, {50, 8, 1, false, true, false});
  c.buffers[0].map[3 * 8 + 2] = std::nanf("");
  run(c.sum());
  EXPECT_TRUE(std::isnan(c.buffers[0].mean[2]));
  EXPECT_TRUE(std::isnan(c.buffers[0].variance[2]));
  EXPECT_TRUE(std::isnan(c.output[2]));
  EXPECT_FALSE(std::isnan(c.output[3]));
}

TEST_P(NormalizedSumTest, NumberOfThreadsChangesNoBit) {
  Random random(46);
  Case c = random_case(&random, {9000, 40, 3, true, true, false});
  run(c.sum());
  Case again = c;
  const udc_normalized_sum sum = again.sum();
  udc_kernels_execution alone =
      execution(&workspace_, static_cast<int64_t>(workspace_.size()) * 8 - 32);
  alone.threads = 3 - alone.threads;
  expect_ok(udc_kernels_normalized_sum_forward(&sum, &alone, &error_), error_);
  expect_ok(udc_kernels_normalized_sum_backward(&sum, &alone, &error_), error_);
  expect_same_bits(c.output, again.output, c.size(), "output");
  for (int k = 0; k < 3; k++) {
    const Term &one = c.buffers[k], &other = again.buffers[k];
    expect_same_bits(one.mean, other.mean, 40, "mean");
    expect_same_bits(one.variance, other.variance, 40, "variance");
    expect_same_bits(one.map_gradient, other.map_gradient, c.size(), "map_gradient");
    expect_same_bits(one.scale_gradient, other.scale_gradient, 40, "scale_gradient");
    expect_same_bits(one.shift_gradient, other.shift_gradient, 40, "shift_gradient");
  }
}

TEST_P(NormalizedSumTest, RefusesWhatItCannotCompute) {
  Random random(47);
  Case c = random_case(&random, {5, 3, 2, true, true, false});
  udc_normalized_sum sum = c.sum();
  const udc_kernels_execution none = execution();
  EXPECT_EQ(udc_kernels_normalized_sum_forward(&sum, &none, &error_), UDC_KERNELS_BUFFER_TOO_SMALL);
  c.terms[1].scale = nullptr;
  EXPECT_EQ(udc_kernels_normalized_sum_forward(&sum, &none, &error_), UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "scale is null");
  EXPECT_EQ(error_.layer, 1);
  sum.epsilon = 0;
  EXPECT_EQ(udc_kernels_normalized_sum_forward(&sum, &none, &error_), UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "epsilon is 0, expected more than 0");
  sum.term_count = 17;
  EXPECT_EQ(udc_kernels_normalized_sum_forward(&sum, &none, &error_), UDC_KERNELS_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "term_count is 17, expected 1 to 16");
}

INSTANTIATE_TEST_SUITE_P(Ways, NormalizedSumTest, ::testing::ValuesIn(cpu_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
