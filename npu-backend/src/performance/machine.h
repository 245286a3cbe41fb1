// An accelerator in a system: everything that the latency model needs to know about the hardware.
#pragma once

#include <cstdint>

#include "udc/npu/performance.h"

namespace udc::npu {

// Memory areas that the model counts separately.
enum Area { kSram, kDram, kOnChipFlash, kOffChipFlash, kAreaCount };

struct MemoryArea {
  double bytesPerCycle;
  int burstLength;  // bytes
  int readLatency;
  int writeLatency;
};

// Granules of the internal SRAM's banks, by what the banks hold.
struct ShramGranules {
  int ifm8;
  int ifm16;
  int ifm8Elementwise;
  int ifm16Elementwise;
  int ifm32;
  int acc16;
  int acc32;
  int acc40;
};

// Cycles per output element, by what limits the output unit.
struct OutputCycles {
  double binary32;
  double unary32;
  double multiply32;  // multiplication with 32-bit output
  double multiply;    // and everything with a 40-bit accumulator
  double addSub;
  double maxPool;
  double other;
  double tableActivation;
  double reluActivation;
};

struct Machine {
  udc_npu_accelerator accelerator;
  const udc_npu_accelerator_info* info;
  const ShramGranules* granules;
  const OutputCycles* outputCycles;
  double clock;  // Hz
  MemoryArea areas[kAreaCount];
  Area constants;        // where weights and other constants are stored
  Area arena;            // where feature maps are kept
  int64_t stagingLimit;  // bytes of fast storage
  int32_t blockChoice;   // udc_npu_block_choice
  int reservedEndBanks;  // at the end of the internal SRAM
  bool spills() const { return arena != kSram; }
};

// Banks at the start of the internal SRAM that are set aside for output.
constexpr int kReservedOutputBanks = 2;
// Banks that a lookup table of 256 entries occupies.
constexpr int kTableBanks = 2;

// Fills `machine`; UDC_NPU_INVALID_ARGUMENT for values or combinations that do not exist.
udc_npu_status makeMachine(const udc_npu_performance_config* config, Machine* machine,
                           udc_npu_error* error) noexcept;

}  // namespace udc::npu
