// Random tensors, executions to try, and comparisons for the tests.
#ifndef UDC_KERNELS_TESTS_SUPPORT_H
#define UDC_KERNELS_TESTS_SUPPORT_H

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "reference.h"
#include "udc/kernels.h"

namespace udc::kernels::testing {

// Set UDC_TEST_SEED to repeat a failure; the seed is in every failure's trace.
inline uint64_t seed() {
  static const uint64_t value = [] {
    const char* text = std::getenv("UDC_TEST_SEED");
    return text ? std::strtoull(text, nullptr, 10) : std::random_device{}();
  }();
  return value;
}

// Values at any offset from an aligned start, so that no kernel can count on alignment.
template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(int64_t count, int64_t offset) : values_(count + offset + 4), offset_(offset) {}

  T* data() { return values_.data() + offset_; }
  const T* data() const { return values_.data() + offset_; }
  T& operator[](int64_t i) { return values_[i + offset_]; }
  const T& operator[](int64_t i) const { return values_[i + offset_]; }

 private:
  std::vector<T> values_;
  int64_t offset_ = 0;
};

class Random {
 public:
  explicit Random(uint64_t salt) : engine_(seed() * 1000003 + salt) {}

  int64_t integer(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(engine_);
  }
  float normal(float scale = 1) { return std::normal_distribution<float>(0, scale)(engine_); }
  float uniform(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(engine_);
  }
  Buffer<float> normals(int64_t count, float scale) {
    Buffer<float> buffer(count, integer(0, 3));
    for (int64_t i = 0; i < count; i++) buffer[i] = normal(scale);
    return buffer;
  }
  Buffer<float> uniforms(int64_t count, float low, float high) {
    Buffer<float> buffer(count, integer(0, 3));
    for (int64_t i = 0; i < count; i++) buffer[i] = uniform(low, high);
    return buffer;
  }

 private:
  std::mt19937_64 engine_;
};

struct Shape {
  int64_t channels;
  int64_t per_channel;
};

// One element, odd sizes, one channel, thousands of channels, depthwise, rows longer than a unit.
inline std::vector<Shape> odd_shapes() {
  return {{1, 1},  {1, 7},    {3, 9},    {17, 27},   {33, 25},   {1, 4097},
          {64, 1}, {3000, 3}, {5, 1025}, {2, 70001}, {40, 1153}, {16, 144}};
}

inline void expect_ok(udc_kernels_status status, const udc_kernels_error& error) {
  ASSERT_EQ(status, UDC_KERNELS_OK) << "layer " << error.layer << ": " << error.message;
}

// Within a few float roundings of the terms that were summed; NaN and infinity must agree.
template <typename Values>
void expect_near(const Values& actual, const std::vector<reference::Sum>& expected,
                 const char* name, double roundings = 16) {
  for (size_t i = 0; i < expected.size(); i++) {
    const double value = actual[i];
    const reference::Sum& sum = expected[i];
    if (std::isnan(sum.value)) {
      ASSERT_TRUE(std::isnan(value)) << name << "[" << i << "] is " << value;
    } else if (std::isinf(sum.value)) {
      ASSERT_EQ(value, sum.value) << name << "[" << i << "]";
    } else {
      const double tolerance = roundings * 0x1p-24 * sum.magnitude + 1e-37;
      ASSERT_NEAR(value, sum.value, tolerance) << name << "[" << i << "]";
    }
  }
}

// One byte-for-byte comparison, so that -0 and NaN count too.
template <typename T>
void expect_same_bits(const Buffer<T>& a, const Buffer<T>& b, int64_t count, const char* name) {
  ASSERT_EQ(count == 0 ? 0 : std::memcmp(a.data(), b.data(), count * sizeof(T)), 0) << name;
}

// The ways to run, for INSTANTIATE_TEST_SUITE_P.
struct Way {
  const char* name;
  int32_t threads;
  int32_t portable;
  bool cuda;  // the CUDA sources, as the emulation runs them
};

inline void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

inline std::vector<Way> cpu_ways() {
  return {{"Fast1", 1, 0, false},
          {"Fast2", 2, 0, false},
          {"Avx2", 1, 2, false},
          {"Portable1", 1, 1, false},
          {"Portable2", 2, 1, false}};
}

inline std::vector<Way> all_ways() {
  std::vector<Way> ways = cpu_ways();
  ways.push_back({"EmulatedCuda", 0, 0, true});
  return ways;
}

// Loaded once: what it needs is the file beside the tests.
inline udc_kernels_cuda* emulated_cuda() {
  static udc_kernels_cuda* const cuda = [] {
    udc_kernels_cuda* opened = nullptr;
    udc_kernels_error error = {};
    const auto status = udc_kernels_cuda_open(UDC_KERNELS_EMULATED_CUDA, &opened, &error);
    if (status != UDC_KERNELS_OK) ADD_FAILURE() << error.message;
    return opened;
  }();
  return cuda;
}

class Runs : public ::testing::TestWithParam<Way> {
 protected:
  udc_kernels_execution execution(std::vector<double>* workspace = nullptr, int64_t bytes = 0) {
    udc_kernels_execution result = {};
    result.threads = GetParam().threads;
    result.portable = GetParam().portable;
    if (GetParam().cuda) result.cuda = emulated_cuda();
    if (workspace) {
      workspace->assign(bytes / sizeof(double) + 4, std::nan(""));
      void* start = workspace->data();
      result.workspace = reinterpret_cast<uintptr_t>(start) % 16 ? workspace->data() + 1 : start;
      result.workspace_bytes = bytes;
    }
    return result;
  }
  ::testing::ScopedTrace trace_{__FILE__, __LINE__, "UDC_TEST_SEED=" + std::to_string(seed())};
};

inline std::string way_name(const ::testing::TestParamInfo<Way>& info) { return info.param.name; }

}  // namespace udc::kernels::testing

#endif  // UDC_KERNELS_TESTS_SUPPORT_H
