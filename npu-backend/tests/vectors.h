// The shared reference vectors, which are not part of this repository.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace udc::npu::test {

inline std::string vectorPath(const std::string& name) {
  const char* shared = std::getenv("UDC_SHARED");
  return std::string(shared != nullptr ? shared : UDC_NPU_DEFAULT_SHARED) + "/vectors/" + name;
}

inline std::vector<uint8_t> readVector(const std::string& name) {
  std::ifstream file(vectorPath(name), std::ios::binary);
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

}  // namespace udc::npu::test

// Skips a test with its reason where there are no vectors.
#define UDC_NPU_SKIP_WITHOUT(name)                                                             \
  if (!std::ifstream(udc::npu::test::vectorPath(name))) {                                      \
    GTEST_SKIP() << "no reference vectors: set UDC_SHARED or put shared/ beside the checkout"; \
  }
