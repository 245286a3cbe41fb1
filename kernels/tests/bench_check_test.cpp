// The check that the benchmark makes before it times a GPU, on everything that runs without one.
#include "../bench/check.h"

#include "support.h"

namespace udc::kernels::testing {
namespace {

// The host's memory, which is the emulation's too, with an execution of the tests.
class Host : public bench::Cpu {
 public:
  explicit Host(const udc_kernels_execution& execution) : execution_(execution) {}
  udc_kernels_execution execution() override { return execution_; }

 private:
  udc_kernels_execution execution_;
};

class BenchCheckTest : public Runs {};

TEST_P(BenchCheckTest, EveryKernelAgreesWithTheReference) {
  Host host(execution());
  bench::check_device(&host);  // ends the program where one does not
}

INSTANTIATE_TEST_SUITE_P(All, BenchCheckTest, ::testing::ValuesIn(all_ways()), way_name);

}  // namespace
}  // namespace udc::kernels::testing
