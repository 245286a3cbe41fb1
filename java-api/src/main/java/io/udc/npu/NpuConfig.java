package io.udc.npu;

import io.udc.InputException;
import io.udc.bindings.Npu;
import java.util.function.Function;

/**
 * An NPU in a system.
 *
 * @param accelerator the NPU
 * @param systemConfig clock and memories
 * @param memoryMode what is kept where
 */
public record NpuConfig(Accelerator accelerator, SystemConfig systemConfig, MemoryMode memoryMode) {

    /** An NPU in the system that Vela assumes for it. */
    public static NpuConfig of(Accelerator accelerator) {
        try (Npu.udc_npu_performance_config defaults = new Npu.udc_npu_performance_config();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(Npu.udc_npu_performance_defaults(accelerator.ordinal(), defaults, error), error);
            return new NpuConfig(
                    accelerator,
                    SystemConfig.values()[defaults.system_config()],
                    MemoryMode.values()[defaults.memory_mode()]);
        }
    }

    /**
     * An NPU by name, in the system that Vela assumes for it.
     *
     * @throws InputException if there is no such NPU
     */
    public static NpuConfig parse(String npu) {
        return of(named("npu", npu, Accelerator::parse));
    }

    /**
     * An NPU by name in a system by name.
     *
     * @param systemConfig Vela's name, or null for the NPU's default
     * @param memoryMode Vela's name, or null for the NPU's default
     * @throws InputException if a name is unknown
     */
    public static NpuConfig parse(String npu, String systemConfig, String memoryMode) {
        NpuConfig defaults = parse(npu);
        return new NpuConfig(
                defaults.accelerator,
                systemConfig == null
                        ? defaults.systemConfig
                        : named("systemConfig", systemConfig, SystemConfig::parse),
                memoryMode == null ? defaults.memoryMode : named("memoryMode", memoryMode, MemoryMode::parse));
    }

    private static <T> T named(String field, String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (InputException e) {
            throw new InputException(field + ": " + e.getMessage(), e);
        }
    }

    /**
     * The encoded size whose copy to fast storage takes so many cycles.
     *
     * @throws InputException if there is none
     */
    public long bytesOfTransfer(double cycles) {
        long[] bytes = new long[1];
        try (Npu.udc_npu_performance_config config = toNative(BlockChoice.VELA);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(Npu.udc_npu_transferred_bytes(config, cycles, bytes, error), error);
        }
        return bytes[0];
    }

    Npu.udc_npu_performance_config toNative(BlockChoice choice) {
        Npu.udc_npu_performance_config config = new Npu.udc_npu_performance_config();
        config.accelerator(accelerator.ordinal());
        config.system_config(systemConfig.ordinal());
        config.memory_mode(memoryMode.ordinal());
        config.block_choice(choice.ordinal());
        return config;
    }
}
