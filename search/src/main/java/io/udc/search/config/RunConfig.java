package io.udc.search.config;

import io.udc.data.DataOptions;
import io.udc.device.Device;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Every value of a run, resolved: config.json. Made by {@link RunConfigBuilder}.
 *
 * @param task what is searched for
 * @param preset name of the preset that the values started from
 * @param data folder of the data set; null where the task draws its own
 * @param budget limit of the encoded tensors' bytes; null for none
 * @param maxLatency limit of the estimated time of one inference; null for none
 * @param maxSram limit of the feature maps' peak bytes; null for none
 * @param npu name of the accelerator, such as {@code ethos-u55-128}
 * @param systemConfig name of the accelerator's system configuration; null for its default
 * @param memoryMode name of the accelerator's memory mode; null for its default
 * @param space file of the search space; null for the task's own
 * @param seed of everything random, 0 or more
 * @param device where the tensors live
 * @param threads number of CPU threads; 0 stands for all cores until the run is resolved
 * @param competitors whether the uniform 8-bit and 4-bit networks of the same size are trained too
 * @param dataOptions choices about the data set that the task leaves open
 */
public record RunConfig(
        Task task,
        String preset,
        String data,
        ByteSize budget,
        TimeSpan maxLatency,
        ByteSize maxSram,
        String npu,
        String systemConfig,
        String memoryMode,
        String space,
        long seed,
        Device device,
        int threads,
        boolean competitors,
        DataOptions dataOptions) {

    public RunConfig {
        Ranges.present("task", task);
        Ranges.present("npu", npu);
        Ranges.present("device", device);
        Ranges.present("dataOptions", dataOptions);
        Ranges.within("seed", seed, 0, Long.MAX_VALUE);
        Ranges.within("threads", threads, 0, 1024);
        if (budget == null && maxLatency == null && maxSram == null) {
            throw new IllegalArgumentException(
                    "budget: found no limit at all, expected at least one of budget, maxLatency, maxSram");
        }
        Ranges.positive("budget", budget == null ? 1 : budget.bytes());
        Ranges.positive("maxLatency", maxLatency == null ? 1 : maxLatency.seconds());
        Ranges.positive("maxSram", maxSram == null ? 1 : maxSram.bytes());
    }

    /** Starts from a task's preset. */
    public static RunConfigBuilder builder(Task task, String preset) {
        return new RunConfigBuilder(task, preset);
    }

    public Optional<Path> dataFolder() {
        return Optional.ofNullable(data).map(Path::of);
    }

    public Optional<Path> spaceFile() {
        return Optional.ofNullable(space).map(Path::of);
    }
}
