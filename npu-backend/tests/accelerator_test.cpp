#include "udc/npu/accelerator.h"

#include <gtest/gtest.h>

#include <cstring>

namespace {

TEST(Accelerator, EveryNameLeadsBackToItsAccelerator) {
  for (int i = 0; i < UDC_NPU_ACCELERATOR_COUNT; ++i) {
    udc_npu_accelerator_info info;
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_accelerator_describe(static_cast<udc_npu_accelerator>(i), &info, nullptr));
    udc_npu_accelerator found;
    ASSERT_EQ(UDC_NPU_OK, udc_npu_accelerator_by_name(info.name, &found, nullptr));
    EXPECT_EQ(i, static_cast<int>(found)) << info.name;
  }
}

TEST(Accelerator, MacsFollowFromTheMicroBlock) {
  for (int i = 0; i < UDC_NPU_ACCELERATOR_COUNT; ++i) {
    udc_npu_accelerator_info info;
    ASSERT_EQ(UDC_NPU_OK,
              udc_npu_accelerator_describe(static_cast<udc_npu_accelerator>(i), &info, nullptr));
    EXPECT_EQ(info.macs_per_core_cycle,
              info.ofm_ublock.height * info.ofm_ublock.width * info.ofm_ublock.depth * 8)
        << info.name;
  }
}

TEST(Accelerator, UnknownOnesAreNamedInTheError) {
  udc_npu_error error;
  udc_npu_accelerator found;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT, udc_npu_accelerator_by_name("ethos-u85-256", &found, &error));
  EXPECT_NE(nullptr, std::strstr(error.message, "ethos-u85-256"));
  udc_npu_accelerator_info info;
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_accelerator_describe(static_cast<udc_npu_accelerator>(-1), &info, &error));
  EXPECT_EQ(UDC_NPU_INVALID_ARGUMENT,
            udc_npu_accelerator_describe(UDC_NPU_ETHOS_U55_32, nullptr, &error));
}

}  // namespace
