package io.udc.search.cli;

import io.udc.npu.Accelerator;
import io.udc.npu.LayerRecord;
import io.udc.npu.MemoryMode;
import io.udc.npu.NpuConfig;
import io.udc.npu.SystemConfig;
import picocli.CommandLine.Option;

/** The flags that choose an NPU and the system around it. */
final class NpuOptions {

    @Option(names = "--npu", paramLabel = "NAME",
            description = "ethos-u55-32, -64, -128 (default), -256, ethos-u65-256 or -512.")
    private Accelerator npu;

    @Option(names = "--system-config", paramLabel = "NAME", description = "Clock and memories, by Vela's name.")
    private SystemConfig systemConfig;

    @Option(names = "--memory-mode", paramLabel = "NAME", description = "What is kept where, by Vela's name.")
    private MemoryMode memoryMode;

    private static final String DEFAULT = "ethos-u55-128";

    /** The chosen NPU; where flags are missing, its defaults. */
    NpuConfig resolve() {
        return resolveOr(DEFAULT);
    }

    /** The chosen NPU, or another if none was chosen. */
    NpuConfig resolveOr(String other) {
        return parse(npu == null ? other : npu.toString(), null, null);
    }

    /** The chosen NPU; where flags are missing, that of a record. */
    NpuConfig resolveFor(LayerRecord layer) {
        if (npu != null || layer.accelerator() == null) {
            return resolve();
        }
        return parse(layer.accelerator(), layer.systemConfig(), layer.memoryMode());
    }

    /** @param otherSystem used where no flag says more, as is {@code otherMode}; null for the NPU's default */
    private NpuConfig parse(String accelerator, String otherSystem, String otherMode) {
        return NpuConfig.parse(
                accelerator,
                systemConfig == null ? otherSystem : systemConfig.toString(),
                memoryMode == null ? otherMode : memoryMode.toString());
    }
}
