package io.udc.search.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Resolves a run's values: a preset, over it a file, over both single values. Each layer is checked when it is
 * laid on, so that an error names the file or the value that is wrong.
 *
 * <pre>{@code
 * RunConfig config = RunConfig.builder(Task.CIFAR100, "quick")
 *         .set("data", "data/cifar-100-binary")
 *         .set("budget", "48KiB")
 *         .build();
 * }</pre>
 */
public final class RunConfigBuilder {

    private ObjectNode tree;

    RunConfigBuilder(Task task, String preset) {
        this.tree = Presets.tree(task, preset);
    }

    private RunConfigBuilder(ObjectNode tree) {
        this.tree = tree;
    }

    /** Starts from the config.json of a run that is there already; values that it lacks are those of its preset. */
    public static RunConfigBuilder from(Path configJson) {
        return choose(null, null, configJson);
    }

    /** Starts from the values of another run. */
    public static RunConfigBuilder from(RunConfig config) {
        return new RunConfigBuilder(Json.mapper().<ObjectNode>valueToTree(config));
    }

    /**
     * Starts from the preset that a partial file, single values or the defaults choose, in this order of
     * precedence from the last to the first, and lays the file over it.
     *
     * @param task null if not chosen
     * @param preset null if not chosen
     * @param file null if there is none
     */
    public static RunConfigBuilder choose(Task task, String preset, Path file) {
        ObjectNode over = file == null ? null : Json.read(file, ObjectNode.class);
        Task chosenTask = task != null ? task : taskOf(over, file);
        String chosenPreset = preset != null ? preset : text(over, "preset", "quick", file);
        RunConfigBuilder builder = new RunConfigBuilder(chosenTask, chosenPreset);
        if (over != null) {
            over.remove("task");
            over.remove("preset");
            builder.merge(over, file.toString());
        }
        return builder;
    }

    /**
     * Lays the values of a file over those so far.
     *
     * @throws InputException if it has an unknown key or a value out of range
     */
    public RunConfigBuilder merge(Path file) {
        return merge(Json.read(file, ObjectNode.class), file.toString());
    }

    /**
     * Replaces one value.
     *
     * @param path its key, with dots for inner objects, such as {@code search.searchEpochs}
     * @param value a JSON value, or a text without quotes
     * @throws InputException if there is no such key
     */
    public RunConfigBuilder set(String path, String value) {
        tree = ConfigTree.set(tree, path, ConfigTree.value(value), "--set");
        return this;
    }

    /**
     * Replaces one value by a text, even where it could be read as JSON: {@code 1.10} stays what it is.
     *
     * @throws InputException if there is no such key
     */
    public RunConfigBuilder setText(String path, String value) {
        tree = ConfigTree.set(tree, path, TextNode.valueOf(value), path);
        return this;
    }

    /**
     * Checks all values together.
     *
     * @throws InputException if one is out of range, or a folder that the task needs is missing
     */
    public RunConfig build() {
        if (tree.path("threads").isInt() && tree.path("threads").intValue() == 0) {
            tree.put("threads", Runtime.getRuntime().availableProcessors());
        }
        RunConfig config = parse("configuration");
        if (config.task().needsData() && config.data() == null) {
            throw new InputException("--data: found none, expected the folder of " + config.task());
        }
        config.dataFolder().ifPresent(folder -> {
            if (!Files.isDirectory(folder)) {
                throw new InputException("--data " + folder + ": no such folder");
            }
        });
        return config;
    }

    private RunConfigBuilder merge(ObjectNode over, String source) {
        tree = ConfigTree.merge(tree, over, source);
        parse(source);
        return this;
    }

    /** The values so far, unchecked against this machine. */
    RunConfig parse(String source) {
        return Json.parse(tree.toString(), RunConfig.class, source);
    }

    private static Task taskOf(ObjectNode over, Path file) {
        try {
            return Task.parse(text(over, "task", Task.SHAPES.toString(), file));
        } catch (InputException e) {
            throw new InputException(file + ": task: " + e.getMessage(), e);
        }
    }

    private static String text(ObjectNode over, String key, String otherwise, Path file) {
        if (over == null || !over.has(key)) {
            return otherwise;
        }
        if (!over.get(key).isTextual()) {
            throw new InputException(file + ": " + key + ": found " + over.get(key) + ", expected a text");
        }
        return over.get(key).textValue();
    }
}
