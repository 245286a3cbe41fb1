#include "performance/machine.h"

#include <cstring>

#include "common/accelerator.h"
#include "common/status.h"

namespace udc::npu {
namespace {

constexpr ShramGranules kSmallGranules[] = {
    {2, 2, 2, 2, 4, 4, 4, 4},
    {2, 2, 2, 2, 4, 4, 4, 8},
    {4, 4, 4, 4, 8, 4, 8, 12},
};
constexpr ShramGranules kLargeGranules = {8, 8, 8, 8, 16, 8, 16, 20};

constexpr OutputCycles kOutputCycles[] = {
    {2, 3, 3, 3, 6, 1, 2, 1, 1},
    {1, 1.5, 1.5, 1.5, 3, 0.5, 1, 1, 1},
    {0.75, 1.25, 0.75, 0.75, 1.5, 0.25, 0.5, 1, 0.5},
    {0.625, 1.125, 0.5, 0.375, 0.75, 0.125, 0.25, 1, 0.25},
    {0.625, 1.125, 0.5, 0.375, 0.75, 0.125, 0.25, 1, 0.25},
    {0.3125, 0.5625, 0.25, 0.1875, 0.375, 0.0625, 0.125, 0.5, 0.125},
};

struct SystemConfig {
  const char* name;
  double clock;
  Area axi1;
  double axi1Scale;  // of the AXI port's width
};

constexpr SystemConfig kSystemConfigs[] = {
    {"Ethos_U55_Deep_Embedded", 200e6, kOffChipFlash, 0.0625},
    {"Ethos_U55_High_End_Embedded", 500e6, kOffChipFlash, 0.125},
    {"Ethos_U65_Embedded", 500e6, kOffChipFlash, 0.0625},
    {"Ethos_U65_Mid_End", 500e6, kDram, 0.46875},
    {"Ethos_U65_High_End", 1e9, kDram, 0.234375},
    {"Ethos_U65_Client_Server", 1e9, kDram, 0.75},
};
static_assert(sizeof(kSystemConfigs) / sizeof(kSystemConfigs[0]) == UDC_NPU_SYSTEM_CONFIG_COUNT);

constexpr const char* kMemoryModes[] = {"Sram_Only", "Shared_Sram", "Dedicated_Sram",
                                        "Dedicated_Sram_512KB"};
static_assert(sizeof(kMemoryModes) / sizeof(kMemoryModes[0]) == UDC_NPU_MEMORY_MODE_COUNT);

// The staging limit where fast storage is the arena: U65 addresses more, but Vela stages weights
// within 32 bits of address on both.
constexpr int64_t kUnlimitedStaging = int64_t{1} << 32;

bool knownSystem(int32_t value) { return value >= 0 && value < UDC_NPU_SYSTEM_CONFIG_COUNT; }
bool knownMode(int32_t value) { return value >= 0 && value < UDC_NPU_MEMORY_MODE_COUNT; }

}  // namespace

udc_npu_status makeMachine(const udc_npu_performance_config* config, Machine* machine,
                           udc_npu_error* error) noexcept {
  if (config == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "config is null");
  }
  const auto accelerator = static_cast<udc_npu_accelerator>(config->accelerator);
  const udc_npu_accelerator_info* info = findAccelerator(accelerator);
  if (info == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no accelerator %d", config->accelerator);
  }
  if (!knownSystem(config->system_config) || !knownMode(config->memory_mode)) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "there is no system configuration %d or no memory mode %d", config->system_config,
                config->memory_mode);
  }
  if (config->block_choice != UDC_NPU_BLOCK_VELA &&
      config->block_choice != UDC_NPU_BLOCK_FEWEST_CYCLES) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "there is no block choice %d",
                config->block_choice);
  }
  const SystemConfig& system = kSystemConfigs[config->system_config];
  const bool dedicated = config->memory_mode == UDC_NPU_DEDICATED_SRAM ||
                         config->memory_mode == UDC_NPU_DEDICATED_SRAM_512KB;
  if (dedicated && system.axi1 == kOffChipFlash) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT,
                "%s keeps feature maps outside the SRAM, but %s has only flash there",
                kMemoryModes[config->memory_mode], system.name);
  }

  *machine = Machine{};
  machine->accelerator = accelerator;
  machine->info = info;
  machine->granules =
      accelerator <= UDC_NPU_ETHOS_U55_128 ? &kSmallGranules[accelerator] : &kLargeGranules;
  machine->outputCycles = &kOutputCycles[accelerator];
  machine->clock = system.clock;
  machine->blockChoice = config->block_choice;
  machine->reservedEndBanks = info->shram_banks > 16 ? 2 : 0;

  const double axi = info->axi_bytes_per_cycle;
  // An area that the system lacks keeps the SRAM's figures: nothing is ever counted there.
  for (MemoryArea& area : machine->areas) {
    area = {axi, 32, 32, 32};
  }
  const bool flash = system.axi1 == kOffChipFlash;
  machine->areas[system.axi1] = {axi * system.axi1Scale, 128, flash ? 64 : 500, flash ? 64 : 250};

  machine->constants = config->memory_mode == UDC_NPU_SRAM_ONLY ? kOnChipFlash : system.axi1;
  machine->arena = dedicated ? system.axi1 : kSram;
  machine->stagingLimit = !dedicated                                            ? kUnlimitedStaging
                          : config->memory_mode == UDC_NPU_DEDICATED_SRAM_512KB ? 524288
                                                                                : 393216;
  return UDC_NPU_OK;
}

}  // namespace udc::npu

using namespace udc::npu;

extern "C" udc_npu_status udc_npu_performance_defaults(udc_npu_accelerator accelerator,
                                                       udc_npu_performance_config* config,
                                                       udc_npu_error* error) {
  if (config == nullptr || findAccelerator(accelerator) == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "config is null or there is no accelerator %d",
                static_cast<int>(accelerator));
  }
  const bool u55 = accelerator <= UDC_NPU_ETHOS_U55_256;
  *config = {static_cast<int32_t>(accelerator),
             u55 ? UDC_NPU_ETHOS_U55_HIGH_END_EMBEDDED : UDC_NPU_ETHOS_U65_CLIENT_SERVER,
             u55 ? UDC_NPU_SHARED_SRAM : UDC_NPU_DEDICATED_SRAM, UDC_NPU_BLOCK_VELA};
  return UDC_NPU_OK;
}

extern "C" const char* udc_npu_system_config_name(int32_t value) {
  return knownSystem(value) ? kSystemConfigs[value].name : nullptr;
}

extern "C" const char* udc_npu_memory_mode_name(int32_t value) {
  return knownMode(value) ? kMemoryModes[value] : nullptr;
}

extern "C" double udc_npu_system_config_clock(int32_t value) {
  return knownSystem(value) ? kSystemConfigs[value].clock : 0.0;
}

extern "C" udc_npu_status udc_npu_system_config_by_name(const char* name, int32_t* value,
                                                        udc_npu_error* error) {
  if (name == nullptr || value == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "name or system_config is null");
  }
  for (int32_t i = 0; i < UDC_NPU_SYSTEM_CONFIG_COUNT; ++i) {
    if (std::strcmp(name, kSystemConfigs[i].name) == 0) {
      *value = i;
      return UDC_NPU_OK;
    }
  }
  return fail(error, UDC_NPU_INVALID_ARGUMENT,
              "unknown system configuration '%.32s'; known: Ethos_U55_Deep_Embedded, "
              "Ethos_U55_High_End_Embedded, Ethos_U65_Embedded, Ethos_U65_Mid_End, "
              "Ethos_U65_High_End, Ethos_U65_Client_Server",
              name);
}

extern "C" udc_npu_status udc_npu_memory_mode_by_name(const char* name, int32_t* value,
                                                      udc_npu_error* error) {
  if (name == nullptr || value == nullptr) {
    return fail(error, UDC_NPU_INVALID_ARGUMENT, "name or memory_mode is null");
  }
  for (int32_t i = 0; i < UDC_NPU_MEMORY_MODE_COUNT; ++i) {
    if (std::strcmp(name, kMemoryModes[i]) == 0) {
      *value = i;
      return UDC_NPU_OK;
    }
  }
  return fail(error, UDC_NPU_INVALID_ARGUMENT,
              "unknown memory mode '%.40s'; known: Sram_Only, Shared_Sram, Dedicated_Sram, "
              "Dedicated_Sram_512KB",
              name);
}
