package io.udc.search.cli;

import io.udc.InputException;
import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.npu.Accelerator;
import io.udc.npu.MemoryMode;
import io.udc.npu.SystemConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** The flags that describe a run; each stands for the key of the same name in config.json. */
final class ConfigOptions {

    private static final String SCALE = "sr.scale";

    @Option(names = "--task", paramLabel = "TASK",
            description = "shapes (default; drawn by the program), cifar10, cifar100, imagenet or sr.")
    private Task task;

    @Option(names = "--preset", paramLabel = "NAME", description = "quick (default), standard or full.")
    private String preset;

    @Option(names = "--config", paramLabel = "FILE",
            description = "JSON with values that replace the preset's, in the form of a run's config.json.")
    private Path file;

    @Option(names = "--data", paramLabel = "DIR", description = "Folder of the data set.")
    private Path data;

    @Option(names = "--scale", paramLabel = "N",
            description = "Ratio of the sides, 2 to 8; for the task sr (default: 2).")
    private Integer scale;

    @Option(names = "--budget", paramLabel = "SIZE", description = "Most bytes of the encoded network, such as 64KiB.")
    private ByteSize budget;

    @Option(names = "--max-latency", paramLabel = "TIME",
            description = "Longest estimated time of one inference, such as 5ms.")
    private TimeSpan maxLatency;

    @Option(names = "--max-sram", paramLabel = "SIZE", description = "Most SRAM of the feature maps, such as 256KiB.")
    private ByteSize maxSram;

    @Option(names = "--npu", paramLabel = "NAME", description = "Accelerator (default: ethos-u55-128).")
    private Accelerator npu;

    @Option(names = "--system-config", paramLabel = "NAME", description = "Clock and memories, by Vela's name.")
    private SystemConfig systemConfig;

    @Option(names = "--memory-mode", paramLabel = "NAME", description = "What is kept where, by Vela's name.")
    private MemoryMode memoryMode;

    @Option(names = "--space", paramLabel = "NAME|FILE",
            description = "Built-in search space, or one as JSON (default: the task's own).")
    private String space;

    @Option(names = "--seed", paramLabel = "N", description = "Of everything random (default: 1).")
    private Long seed;

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu (default), cuda or cuda:N.")
    private Device device;

    @Option(names = "--precision", paramLabel = "NAME",
            description = "In which networks learn: float32 (default) or bfloat16.")
    private Precision precision;

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads (default: all cores).")
    private Integer threads;

    @Option(names = "--competitors", negatable = true,
            description = "Train the uniform networks of the same size too.")
    private Boolean competitors;

    @Option(names = "--skip-bad", negatable = true,
            description = "Skip and count pictures that cannot be decoded, instead of stopping.")
    private Boolean skipBad;

    @Option(names = "--set", paramLabel = "KEY=VALUE",
            description = "Any other value of config.json, such as search.batchSize=256. May be repeated.")
    private Map<String, String> values = new LinkedHashMap<>();

    /** Resolves preset, file and flags. */
    RunConfig resolve() {
        return resolve(builder -> { });
    }

    /** The same, with values beneath the flags that a command brings with it. */
    RunConfig resolve(Consumer<RunConfigBuilder> command) {
        RunConfigBuilder builder = RunConfigBuilder.choose(task, preset, file);
        command.accept(builder);
        return build(builder);
    }

    /** Lays the flags over a run that is there already. */
    RunConfig resolveOver(Path configJson) {
        RunConfigBuilder builder = RunConfigBuilder.from(configJson);
        if (task != null) {
            builder.set("task", task.toString());
        }
        if (file != null) {
            builder.merge(file);
        }
        return build(builder);
    }

    private RunConfig build(RunConfigBuilder builder) {
        Map<String, Object> flags = flags();
        flags.forEach((key, value) -> set(builder, key, value));
        values.forEach(builder::set);
        RunConfig config;
        try {
            config = builder.build();
        } catch (InputException e) {
            throw namingFlags(e, flags);
        }
        refuseWhatIsIgnored(config);
        return config;
    }

    /** The values of flags that were given, by their keys in config.json. */
    private Map<String, Object> flags() {
        Map<String, Object> flags = new LinkedHashMap<>();
        flags.put("data", data);
        flags.put(SCALE, scale);
        flags.put("budget", budget);
        flags.put("maxLatency", maxLatency);
        flags.put("maxSram", maxSram);
        flags.put("npu", npu);
        flags.put("systemConfig", systemConfig);
        flags.put("memoryMode", memoryMode);
        flags.put("space", space);
        flags.put("seed", seed);
        flags.put("device", device);
        flags.put("precision", precision);
        flags.put("threads", threads);
        flags.put("competitors", competitors);
        flags.put("dataOptions.skipBad", skipBad);
        flags.values().removeIf(Objects::isNull);
        return flags;
    }

    /** The same error by the name of the flag that gave the value, where one did and {@code --set} did not. */
    private InputException namingFlags(InputException e, Map<String, Object> flags) {
        for (String key : flags.keySet()) {
            String start = "configuration: " + key + ": ";
            if (!values.containsKey(key) && e.getMessage().startsWith(start)) {
                return new InputException(flag(key) + ": " + e.getMessage().substring(start.length()), e);
            }
        }
        return e;
    }

    /** {@code --max-latency} of {@code maxLatency}. */
    private static String flag(String key) {
        String name = key.substring(key.lastIndexOf('.') + 1);
        return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private void refuseWhatIsIgnored(RunConfig config) {
        if (scale != null && config.task() != Task.SR) {
            throw new InputException("--scale: found the task " + config.task() + ", expected sr");
        }
        if (data != null && !config.task().needsData()) {
            throw new InputException("--data: found the task " + config.task()
                    + ", whose pictures the program draws; expected another task or no folder");
        }
    }

    private static void set(RunConfigBuilder builder, String key, Object value) {
        if (value instanceof Number || value instanceof Boolean) {
            builder.set(key, value.toString());
        } else {
            builder.setText(key, value.toString());
        }
    }
}
