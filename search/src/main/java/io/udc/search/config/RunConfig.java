package io.udc.search.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.InputException;
import io.udc.data.DataOptions;
import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.json.Json;
import io.udc.search.supernet.SearchSettings;
import io.udc.search.train.TrainingConfig;
import io.udc.sr.SrOptions;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.nio.file.Path;
import java.util.List;
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
 * @param space name of a built-in search space, or the file of one
 * @param seed of everything random, 0 or more
 * @param device where the tensors live
 * @param precision in which networks learn
 * @param threads number of CPU threads; 0 stands for all cores until the run is resolved
 * @param competitors whether the uniform 8-bit and 4-bit networks of the same size are trained too
 * @param dataOptions choices about the data set that the task leaves open
 * @param sr choices about super resolution; other tasks ignore them
 * @param search how the search itself runs
 * @param training how found and uniform networks are trained
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
        Precision precision,
        int threads,
        boolean competitors,
        DataOptions dataOptions,
        SrOptions sr,
        SearchSettings search,
        TrainingConfig training) {

    /** Beginnings of the lines of {@link #differences} in which a resumed run may differ. */
    private static final List<String> HOW_IT_COMPUTES = List.of("device: ", "data: ", "search.cudaGraph: ");

    /** Keys that a run has always written. */
    private static final List<String> KEYS_OF_EVERY_RUN = List.of("task", "preset", "npu", "seed", "search", "training");

    public RunConfig {
        Ranges.present("task", task);
        Ranges.present("preset", preset);
        Ranges.present("npu", npu);
        Ranges.present("space", space);
        Ranges.present("device", device);
        Ranges.present("precision", precision);
        Ranges.present("dataOptions", dataOptions);
        Ranges.present("sr", sr);
        Ranges.present("search", search);
        Ranges.present("training", training);
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

    /**
     * Reads the config.json of a run; what an earlier version did not write yet is what the preset says.
     *
     * @throws InputException if it is not there or has a key or value that is wrong
     */
    public static RunConfig read(Path file) {
        return RunConfigBuilder.from(file).parse(file.toString());
    }

    /** Whether a file is the config.json of a run: all the values of one, not some that {@code --config} lays over them. */
    public static boolean isWrittenTo(Path file) {
        try {
            read(file);
            JsonNode tree = Json.read(file, JsonNode.class);
            return KEYS_OF_EVERY_RUN.stream().allMatch(tree::has);
        } catch (InputException e) {
            return false;
        }
    }

    /**
     * The same run for a network that no search found: its training has the search's epochs, too, so that it sees
     * the pictures as often as a found network.
     */
    public RunConfig forUniform() {
        TrainingConfig recipe = training.withEpochs(
                training.dense().epochs() + search.warmupEpochs() + search.searchEpochs(),
                training.quantization().epochs(),
                training.distillation().epochs());
        return new RunConfig(task, preset, data, budget, maxLatency, maxSram, npu, systemConfig, memoryMode, space,
                seed, device, precision, threads, competitors, dataOptions, sr, search, recipe);
    }

    /**
     * What would make another run of this one: values that differ, one line each. Where and how it computes may change.
     */
    public List<String> differences(RunConfig other) {
        return ConfigTree.differences(Json.mapper().valueToTree(this), Json.mapper().valueToTree(other)).stream()
                .filter(line -> HOW_IT_COMPUTES.stream().noneMatch(line::startsWith))
                .toList();
    }

    public Optional<Path> dataFolder() {
        return Optional.ofNullable(data).map(Path::of);
    }
}
