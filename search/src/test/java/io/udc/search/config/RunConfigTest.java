package io.udc.search.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.udc.InputException;
import io.udc.device.Device;
import io.udc.json.Json;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class RunConfigTest {

    @TempDir
    Path folder;

    @Test
    void everyPresetResolves() {
        for (Task task : Task.values()) {
            for (String preset : Presets.NAMES) {
                RunConfigBuilder builder = RunConfig.builder(task, preset);
                if (task.needsData()) {
                    builder.set("data", folder.toString());
                }
                RunConfig config = builder.build();
                assertEquals(task, config.task());
                assertEquals(preset, config.preset());
                assertTrue(config.threads() > 0, "threads are resolved");
            }
        }
    }

    @Test
    void valuesWinInTheOrderPresetFileFlag() throws IOException {
        Path file = write("{\"task\": \"shapes\", \"budget\": \"20KiB\", \"seed\": 5, \"maxLatency\": \"5ms\"}");
        RunConfig config = RunConfigBuilder.choose(null, null, file).set("seed", "9").build();
        assertEquals(new ByteSize(20 * 1024), config.budget());
        assertEquals(new TimeSpan(0.005), config.maxLatency());
        assertEquals(9, config.seed());
        assertEquals(Device.CPU, config.device());
        assertEquals("quick", config.preset());
    }

    @Test
    void aTextStaysATextWhereItLooksLikeANumber() {
        RunConfigBuilder builder = RunConfig.builder(Task.SHAPES, "quick");
        assertEquals("1.10", builder.setText("space", "1.10").build().space());
        assertEquals("1.1", builder.set("space", "1.10").build().space());
    }

    @Test
    void aFlagChoosesThePresetBeforeTheFile() throws IOException {
        Path file = write("{\"preset\": \"full\"}");
        assertEquals("full", RunConfigBuilder.choose(null, null, file).build().preset());
        assertEquals("standard", RunConfigBuilder.choose(null, "standard", file).build().preset());
    }

    @Test
    void theResolvedFileReadsBack() throws IOException {
        RunConfig config = RunConfig.builder(Task.SHAPES, "quick").set("maxSram", "256KiB").build();
        Path file = write(Json.text(config));
        assertEquals(config, RunConfigBuilder.from(file).build());
    }

    @Test
    void aFileOfAnEarlierVersionHasThePresetsValuesForWhatItLacks() throws IOException {
        RunConfig config = RunConfig.builder(Task.SHAPES, "full").set("seed", "9").build();
        ObjectNode tree = Json.mapper().valueToTree(config);
        tree.remove("precision");
        tree.withObject("search").remove("cudaGraph");
        assertEquals(config, RunConfig.read(write(tree.toString())));
    }

    @Test
    void whereAndHowARunComputesIsNoDifference() {
        RunConfig config = RunConfig.builder(Task.SHAPES, "quick").build();
        RunConfig elsewhere = RunConfig.builder(Task.SHAPES, "quick")
                .set("device", "cuda:1")
                .set("search.cudaGraph", "true")
                .build();
        assertEquals(List.of(), config.differences(elsewhere));
        RunConfig another = RunConfig.builder(Task.SHAPES, "quick").set("search.noise", "0.5").build();
        assertEquals(1, config.differences(another).size());
    }

    @Test
    void errorsNameTheFileAndTheField() throws IOException {
        Path unknown = write("{\"bugdet\": \"20KiB\"}");
        assertError(unknown + ": unknown key 'bugdet', expected one of [task, ",
                () -> RunConfigBuilder.choose(null, null, unknown));
        Path range = write("{\"seed\": -1}");
        assertError(range + ": seed: found -1, expected 0 or more", () -> RunConfigBuilder.choose(null, null, range));
        Path type = write("{\"threads\": \"many\"}");
        assertError(type + ": threads: found 'many', expected a whole number",
                () -> RunConfigBuilder.choose(null, null, type));
        Path size = write("{\"budget\": \"20GB\"}");
        assertError(size + ": budget: found '20GB', expected a size such as 64KiB",
                () -> RunConfigBuilder.choose(null, null, size));
        Path none = write("{\"budget\": null}");
        assertError(none + ": budget: found no limit at all", () -> RunConfigBuilder.choose(null, null, none));
        Path broken = write("{\"seed\": ");
        assertError(broken + ": not valid JSON at line 1", () -> RunConfigBuilder.choose(null, null, broken));
        Path task = write("{\"task\": \"mnist\"}");
        assertError(task + ": task: found 'mnist', expected one of shapes, ",
                () -> RunConfigBuilder.choose(null, null, task));
        assertError("preset: found 'huge', expected one of [quick, standard, full]",
                () -> RunConfig.builder(Task.SHAPES, "huge"));
        assertError("--set: unknown key 'seeds'", () -> RunConfig.builder(Task.SHAPES, "quick").set("seeds", "1"));
        assertError("configuration: search.cost: found 'bytes', expected one of [measured, closed-form, parameters]",
                () -> RunConfig.builder(Task.SHAPES, "quick").set("search.cost", "bytes").build());
        assertError("configuration: search.cost: missing",
                () -> RunConfig.builder(Task.SHAPES, "quick").set("search.cost", "null").build());
        assertError("configuration: search.normalizedWeights: found 'maybe', expected true or false",
                () -> RunConfig.builder(Task.SHAPES, "quick").set("search.normalizedWeights", "maybe").build());
        for (String field : List.of("space", "preset", "npu")) {
            assertError("configuration: " + field + ": found null, expected a value",
                    () -> RunConfig.builder(Task.SHAPES, "quick").set(field, "null").build());
        }
        assertError("--data: found none, expected the folder of cifar100",
                () -> RunConfig.builder(Task.CIFAR100, "quick").build());
        assertError("--data /no/such: no such folder",
                () -> RunConfig.builder(Task.CIFAR100, "quick").set("data", "/no/such").build());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "config", ".json"), text);
    }

    private static void assertError(String start, Executable code) {
        String message = assertThrows(InputException.class, code).getMessage();
        assertTrue(message.startsWith(start), message);
        assertEquals(1, message.lines().count(), message);
    }
}
