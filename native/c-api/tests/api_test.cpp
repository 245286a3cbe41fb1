// The C API as its header describes it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "format/sha256.h"
#include "model_builder.h"
#include "udc/udc.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// Count what the library allocates; inlined, GCC would take them for a mismatched pair.
[[gnu::noinline]] void* operator new(size_t bytes) {
  ++allocations;
  if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) {
    return block;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace udc::test {
namespace {

class Api : public ::testing::Test {
 protected:
  void SetUp() override {
    const File file = upscalerFile(3, 6);
    ASSERT_EQ(UDC_OK, udc_model_open_memory(file.data(), file.size(), nullptr, &model_, &error_))
        << error_.message;
  }
  void TearDown() override { udc_model_close(model_); }

  udc_model* model_ = nullptr;
  udc_error error_{};
};

TEST(Sha256, KnownDigests) {
  Sha256 abc;
  abc.add("abc");
  EXPECT_EQ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", abc.hex());
  Sha256 many;
  for (int i = 0; i < 1000; ++i) {
    many.add(std::string(1000, 'a'));
  }
  EXPECT_EQ("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", many.hex());
}

TEST_F(Api, DescribesModelAndSession) {
  udc_model_info info{};
  ASSERT_EQ(UDC_OK, udc_model_describe(model_, &info, &error_));
  EXPECT_EQ(24U, info.input.height);
  EXPECT_EQ(20U, info.input.width);
  EXPECT_EQ(1U, info.input.channels);
  EXPECT_EQ(2U, info.upscaling);
  EXPECT_EQ(1U, info.any_size);
  EXPECT_EQ(0U, info.class_count);
  EXPECT_EQ(9U * 18 + 25 * 18 * 4, info.weight_count);
  EXPECT_EQ(info.weight_count * 24 * 20, info.macs);
  EXPECT_STREQ("sr", info.task);
  EXPECT_STREQ("ethos-u55-128", info.npu);
  EXPECT_NE(UDC_INSTRUCTIONS_BEST, info.instructions);

  udc_session* session = nullptr;
  udc_session_options options = {sizeof options, 10, 0};
  ASSERT_EQ(UDC_OK, udc_session_create(model_, &options, &session, &error_)) << error_.message;
  udc_tensor in{};
  udc_tensor out{};
  ASSERT_EQ(UDC_OK, udc_session_describe(session, &in, &out, &error_));
  EXPECT_EQ(10U, in.height);
  EXPECT_EQ(20U, in.width);
  EXPECT_EQ(20U, out.height);
  EXPECT_EQ(40U, out.width);
  EXPECT_EQ(info.output.scale, out.scale);
  udc_session_destroy(session);
}

TEST(Model, NamesClasses) {
  const File file = classifierFile(1, 8);
  udc_model* model = nullptr;
  udc_error error{};
  ASSERT_EQ(UDC_OK, udc_model_open_memory(file.data(), file.size(), nullptr, &model, &error))
      << error.message;
  char name[8] = {};
  size_t bytes = 0;
  EXPECT_EQ(UDC_OK, udc_model_class_name(model, 1, name, sizeof name, &bytes, &error));
  EXPECT_STREQ("d\xC3\xB6g", name);
  EXPECT_EQ(5U, bytes);
  EXPECT_EQ(UDC_BUFFER_TOO_SMALL, udc_model_class_name(model, 2, name, sizeof name, &bytes, &error));
  EXPECT_EQ(28U, bytes);
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_model_class_name(model, 3, name, sizeof name, &bytes, &error));
  EXPECT_STREQ("index: found 3, expected less than 3", error.message);
  udc_session* session = nullptr;
  const udc_session_options options = {sizeof options, 100, 100};
  EXPECT_EQ(UDC_UNSUPPORTED, udc_session_create(model, &options, &session, &error));
  udc_model_close(model);
}

TEST_F(Api, PixelsOfSpacedRowsGiveTheBytesOfThePlainCall) {
  udc_session* session = nullptr;
  ASSERT_EQ(UDC_OK, udc_session_create(model_, nullptr, &session, &error_));
  constexpr size_t kRow = 33;
  std::vector<uint8_t> pixels(24 * kRow - 13);
  std::vector<int8_t> values;
  for (size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<uint8_t>(i * 7);
    if (i % kRow < 20) {
      values.push_back(static_cast<int8_t>(pixels[i] - 128));
    }
  }
  std::vector<int8_t> expected(48 * 40);
  ASSERT_EQ(UDC_OK, udc_session_run(session, values.data(), values.size(), expected.data(), expected.size(),
                                    1, &error_));
  std::vector<int8_t> found(expected.size());
  EXPECT_EQ(UDC_OK, udc_session_run_pixels(session, pixels.data(), pixels.size(), kRow, found.data(),
                                           found.size(), &error_))
      << error_.message;
  EXPECT_EQ(expected, found);
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_run_pixels(session, pixels.data(), pixels.size() - 1, kRow,
                                                         found.data(), found.size(), &error_));
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_run_pixels(session, pixels.data(), pixels.size(), 19,
                                                         found.data(), found.size(), &error_));

  uint8_t table[256];
  ASSERT_EQ(UDC_OK, udc_model_output_pixels(model_, table, &error_));
  std::vector<uint8_t> upscaled(48 * 50, 7);
  ASSERT_EQ(UDC_OK, udc_session_upscale_pixels(session, pixels.data(), pixels.size(), kRow, upscaled.data(),
                                               upscaled.size(), 50, &error_))
      << error_.message;
  for (size_t i = 0; i < upscaled.size(); ++i) {
    const size_t column = i % 50;
    EXPECT_EQ(column < 40 ? table[expected[i / 50 * 40 + column] + 128] : 7, upscaled[i]);
  }
  udc_session_destroy(session);
}

TEST_F(Api, RunningAllocatesNothing) {
  udc_session* session = nullptr;
  ASSERT_EQ(UDC_OK, udc_session_create(model_, nullptr, &session, &error_));
  std::vector<int8_t> input(3 * 24 * 20);
  std::vector<int8_t> output(3 * 48 * 40);
  const uint64_t before = allocations;
  EXPECT_EQ(UDC_OK,
            udc_session_run(session, input.data(), input.size(), output.data(), output.size(), 3, &error_));
  EXPECT_EQ(before, allocations);
  udc_session_destroy(session);
}

TEST_F(Api, SessionsOfOneModelRunOnManyThreads) {
  std::vector<int8_t> input(24 * 20);
  for (size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<int8_t>(i * 31);
  }
  std::vector<std::vector<int8_t>> outputs(4, std::vector<int8_t>(48 * 40));
  std::vector<std::thread> threads;
  for (std::vector<int8_t>& output : outputs) {
    threads.emplace_back([&] {
      udc_session* session = nullptr;
      ASSERT_EQ(UDC_OK, udc_session_create(model_, nullptr, &session, nullptr));
      for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(UDC_OK, udc_session_run(session, input.data(), input.size(), output.data(), output.size(),
                                          1, nullptr));
      }
      udc_session_destroy(session);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::vector<int8_t>& output : outputs) {
    EXPECT_EQ(outputs.front(), output);
  }
}

TEST_F(Api, WrongArgumentsAreNamed) {
  udc_session* session = nullptr;
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_create(nullptr, nullptr, &session, &error_));
  EXPECT_STREQ("model: found null", error_.message);
  const udc_session_options options = {3, 0, 0};
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_create(model_, &options, &session, &error_));
  char memory[100];
  EXPECT_EQ(UDC_BUFFER_TOO_SMALL,
            udc_session_create_in(model_, nullptr, memory, sizeof memory, &session, &error_));
  ASSERT_EQ(UDC_OK, udc_session_create(model_, nullptr, &session, &error_));
  udc_tensor input{};
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_describe(session, &input, nullptr, &error_));
  EXPECT_STREQ("output: found null", error_.message);
  EXPECT_EQ(0U, input.height) << "nothing is written by a call that fails";
  int8_t values[24 * 20] = {};
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_session_run(session, values, sizeof values, values, 1, 1, &error_));
  EXPECT_STREQ("output: found 1 bytes, expected 1920", error_.message);
  udc_session_destroy(session);
  udc_session_destroy(nullptr);
  udc_model_close(nullptr);
}

TEST(Model, FilesAreReadWithinTheLimits) {
  const File file = upscalerFile(4, 4);
  const std::string path = ::testing::TempDir() + "udc_api_test.udc";
  std::FILE* out = std::fopen(path.c_str(), "wb");
  ASSERT_NE(nullptr, out);
  std::fwrite(file.data(), 1, file.size(), out);
  std::fclose(out);
  udc_model* model = nullptr;
  udc_error error{};
  EXPECT_EQ(UDC_OK, udc_model_open_file(path.c_str(), nullptr, &model, &error)) << error.message;
  udc_model_close(model);
  udc_open_options options{};
  options.struct_bytes = sizeof options;
  options.max_file_bytes = 100;
  EXPECT_EQ(UDC_LIMIT_EXCEEDED, udc_model_open_file(path.c_str(), &options, &model, &error));
  options.max_file_bytes = 0;
  options.max_weights = 1000;
  EXPECT_EQ(UDC_LIMIT_EXCEEDED, udc_model_open_file(path.c_str(), &options, &model, &error));
  options.max_weights = 0;
  options.max_feature_bytes = 8639;
  EXPECT_EQ(UDC_LIMIT_EXCEEDED, udc_model_open_file(path.c_str(), &options, &model, &error));
  EXPECT_EQ(UDC_IO, udc_model_open_file("/no/such/file", nullptr, &model, &error));
  EXPECT_STREQ("/no/such/file: cannot be opened: No such file or directory", error.message);
  options.max_feature_bytes = 0;
  options.max_file_bytes = 1 << 20;
  EXPECT_EQ(UDC_LIMIT_EXCEEDED, udc_model_open_file("/dev/zero", &options, &model, &error));
  std::remove(path.c_str());
}

TEST(Model, TheReasonFollowsAPathOfAnyLength) {
  std::string path = ::testing::TempDir();
  while (path.size() < 400) {
    path += "./";
  }
  path += "udc_api_test_damaged.udc";
  std::remove(path.c_str());
  udc_model* model = nullptr;
  udc_error error{};
  EXPECT_EQ(UDC_IO, udc_model_open_file(path.c_str(), nullptr, &model, &error));
  EXPECT_NE(nullptr, std::strstr(error.message, "damaged.udc: cannot be opened: No such file"))
      << error.message;
  std::FILE* out = std::fopen(path.c_str(), "wb");
  ASSERT_NE(nullptr, out);
  std::fputs("no network", out);
  std::fclose(out);
  EXPECT_EQ(UDC_CORRUPT, udc_model_open_file(path.c_str(), nullptr, &model, &error));
  const char* reason = std::strstr(error.message, "damaged.udc: ");
  ASSERT_NE(nullptr, reason) << error.message;
  udc_error plain{};
  EXPECT_EQ(UDC_CORRUPT, udc_model_open_memory("no network", 10, nullptr, &model, &plain));
  EXPECT_STREQ(plain.message, reason + std::strlen("damaged.udc: "));
  std::remove(path.c_str());
}

TEST(Model, WhatTheNpuDoesNotCoverIsUnsupported) {
  const File file = upscalerFile(5, 4);
  const auto open = [](const File& changed, udc_error& error) {
    udc_model* model = nullptr;
    const udc_status status = udc_model_open_memory(changed.data(), changed.size(), nullptr, &model, &error);
    udc_model_close(model);
    return status;
  };
  udc_error error{};
  EXPECT_EQ(UDC_UNSUPPORTED, open(withMetadata(file, "\"width\":20", "\"width\":70000"), error));
  EXPECT_EQ(0, std::strncmp("head: ", error.message, 6)) << error.message;
  EXPECT_EQ(UDC_UNSUPPORTED, open(withMetadata(file, "ethos-u55-128", "ethos-u99"), error));
  EXPECT_EQ(0, std::strncmp("metadata 'npu': ", error.message, 16)) << error.message;
  EXPECT_EQ(UDC_CORRUPT, open(withMetadata(file, "[0,18]", "[0,17]"), error));
  EXPECT_EQ(0, std::strncmp("layer 'head': ", error.message, 14)) << error.message;
}

TEST(Stream, EncodesSizesAndDecodes) {
  std::vector<int16_t> weights(1000);
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<int16_t>(i % 31) - 15;
  }
  udc_error error{};
  uint64_t size = 0;
  ASSERT_EQ(UDC_OK, udc_stream_size(weights.data(), weights.size(), UDC_EFFORT_BEST, &size, &error));
  std::vector<uint8_t> stream(udc_stream_bound(weights.size()));
  uint64_t bytes = 0;
  ASSERT_EQ(UDC_OK, udc_stream_encode(weights.data(), weights.size(), UDC_EFFORT_BEST, stream.data(),
                                      stream.size(), &bytes, &error));
  EXPECT_EQ(size, bytes);
  std::vector<int16_t> decoded(1000);
  uint64_t count = 0;
  ASSERT_EQ(UDC_OK, udc_stream_decode(stream.data(), bytes, decoded.data(), decoded.size(), &count, &error));
  EXPECT_EQ(1000U, count);
  EXPECT_EQ(weights, decoded);
  EXPECT_EQ(UDC_LIMIT_EXCEEDED, udc_stream_decode(stream.data(), bytes, decoded.data(), 999, &count, &error));
  EXPECT_EQ(UDC_BUFFER_TOO_SMALL, udc_stream_encode(weights.data(), weights.size(), UDC_EFFORT_BEST,
                                                    stream.data(), 16, &bytes, &error));
  EXPECT_EQ(size, bytes);
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_stream_size(weights.data(), weights.size(), 5, &size, &error));
}

TEST(Estimate, AnOperatorFromItsWeightsOrItsSize) {
  std::vector<int8_t> weights(static_cast<size_t>(32 * 9 * 16));
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i] = static_cast<int8_t>(i * i % 15) - 7;
  }
  const udc_npu_options npu = {sizeof npu, "ethos-u55-128", nullptr, nullptr};
  udc_operator op{};
  op.struct_bytes = sizeof op;
  op.kind = UDC_CONVOLUTION;
  op.height = op.width = 32;
  op.channels = 16;
  op.out_channels = 32;
  op.kernel_height = op.kernel_width = 3;
  op.stride = 1;
  op.same_padding = 1;
  op.weights = weights.data();
  op.weight_count = weights.size();
  udc_estimate estimate{};
  udc_error error{};
  ASSERT_EQ(UDC_OK, udc_estimate_operator(&npu, &op, &estimate, &error)) << error.message;
  EXPECT_GT(estimate.encoded_bytes, 320U);
  EXPECT_LT(estimate.encoded_bytes, weights.size());
  EXPECT_EQ(static_cast<uint64_t>(32 * 32 * 32 * 9 * 16), estimate.macs);
  EXPECT_GE(estimate.cycles.total, estimate.cycles.npu);
  EXPECT_NEAR(estimate.milliseconds, estimate.cycles.total / 500e3, 1e-9);

  udc_operator sized = op;
  sized.weights = nullptr;
  sized.encoded_bytes = estimate.encoded_bytes;
  udc_estimate same{};
  ASSERT_EQ(UDC_OK, udc_estimate_operator(&npu, &sized, &same, &error)) << error.message;
  EXPECT_EQ(estimate.cycles.total, same.cycles.total);

  op.weight_count = 7;
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_estimate_operator(&npu, &op, &estimate, &error));
  EXPECT_STREQ("weights: found 7, expected 4608", error.message);
}

TEST(Estimate, AModelIsTheNetworkOfItsOperators) {
  const File file = classifierFile(8, 4);
  udc_model* model = nullptr;
  udc_error error{};
  ASSERT_EQ(UDC_OK, udc_model_open_memory(file.data(), file.size(), nullptr, &model, &error))
      << error.message;
  udc_model_info info{};
  ASSERT_EQ(UDC_OK, udc_model_describe(model, &info, &error));
  std::vector<udc_estimate> rows(info.node_count);
  udc_estimate network{};
  ASSERT_EQ(UDC_OK, udc_estimate_model(model, nullptr, rows.data(), rows.size(), &network, &error))
      << error.message;
  double cycles = 0;
  uint64_t bytes = 0;
  uint64_t sram = 0;
  for (const udc_estimate& row : rows) {
    cycles += row.cycles.total;
    bytes += row.encoded_bytes;
    sram = std::max(sram, row.sram_bytes);
  }
  EXPECT_DOUBLE_EQ(network.cycles.total, cycles);
  EXPECT_EQ(info.encoded_bytes, bytes);
  EXPECT_EQ(network.encoded_bytes, bytes);
  EXPECT_EQ(network.sram_bytes, sram);
  const udc_npu_options other = {sizeof other, "ethos-u65-256", nullptr, nullptr};
  EXPECT_EQ(UDC_INVALID_ARGUMENT, udc_estimate_model(model, &other, nullptr, 0, &network, &error));
  udc_model_close(model);
}

}  // namespace
}  // namespace udc::test
