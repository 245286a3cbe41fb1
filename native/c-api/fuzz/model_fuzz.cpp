// Fuzz target: any bytes as a .udc file whose digests are taken for right. What opens must run one picture in
// a block of exactly the size that a session states, and every code path must give the same answer.
#include <cstdlib>
#include <utility>
#include <vector>

#include "api/failure.h"
#include "executor/session.h"

namespace {

udc::Limits smallLimits() {
  udc::Limits limits;
  limits.fileBytes = 1 << 20;
  limits.weights = 1 << 12;
  limits.featureBytes = 1 << 12;
  limits.nodes = 64;
  return limits;
}

std::vector<int8_t> answer(const udc::UdcFile& file, const udc::Limits& limits, int32_t instructions) {
  const udc::Model model(file, limits, udc::kernelsFor(instructions));
  const udc::Plan plan = udc::Plan::of(model, 0, 0);
  std::vector<uint8_t> block(udc::Session::bytes(plan));
  udc::Session* session = udc::Session::createIn(model, plan, block.data());
  std::vector<int8_t> input(session->input().elements());
  for (size_t i = 0; i < input.size(); ++i) {
    input[i] = static_cast<int8_t>(i * 37);
  }
  std::vector<int8_t> output(session->output().elements());
  session->run(input.data(), output.data());
  return output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const udc::Limits limits = smallLimits();
  try {
    const udc::UdcFile file = udc::UdcFile::parse({data, size}, limits, udc::Digests::kIgnored);
    if (answer(file, limits, UDC_INSTRUCTIONS_BEST) != answer(file, limits, UDC_INSTRUCTIONS_PORTABLE)) {
      std::abort();
    }
  } catch (const udc::Failure& failure) {
    if (failure.what()[0] == '\0') {
      std::abort();
    }
  }
  return 0;
}
