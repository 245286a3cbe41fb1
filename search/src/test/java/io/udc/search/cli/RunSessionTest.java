package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.json.Json;
import io.udc.search.CancelledException;
import io.udc.search.SearchEvent;
import io.udc.search.config.RunConfig;
import io.udc.search.report.SampleRun;
import io.udc.search.run.Result;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What surrounds a training, with a training that does nothing. */
class RunSessionTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8), false);

    @Command(name = "fake")
    private static final class Fake implements Callable<Integer> {

        private final Console console;
        private final RunSession.Pipeline pipeline;

        @Mixin
        private final RunSession session = new RunSession();

        Fake(Console console, RunSession.Pipeline pipeline) {
            this.console = console;
            this.pipeline = pipeline;
        }

        @Override
        public Integer call() {
            return session.execute(console, pipeline);
        }
    }

    @Test
    void aRunEndsWithItsFilesATableAndJson() {
        assertEquals(0, run(this::succeed, "--out", run(), "--budget", "20KiB", "--seed", "7", "--json"));
        assertEquals(93.4, Json.parse(text(out), Result.class, "out").metric());
        assertTrue(text(err).matches("(?s).*\nfound +93\\.40% +16,102\n.*"), text(err));
        assertTrue(text(err).matches("(?s).*search +epoch +1/1 +loss +1\\.5000 .*"), text(err));
        for (String file : new String[] {"config.json", "metrics.jsonl", "result.json", "report.html"}) {
            assertTrue(Files.exists(folder.resolve("run").resolve(file)), file);
        }
        assertTrue(Json.read(folder.resolve("run/config.json"), com.fasterxml.jackson.databind.JsonNode.class)
                .path("budget").textValue().equals("20KiB"));
    }

    @Test
    void theTableGoesToStandardOutputAndTheProgressDoesNot() {
        assertEquals(0, run(this::succeed, "--out", run()));
        assertTrue(text(out).startsWith("network "), text(out));
        assertFalse(text(out).contains("epoch"), text(out));
        assertFalse(text(err).contains("93.40%"), text(err));
    }

    @Test
    void anExistingRunIsRefusedBeforeAnythingIsDone() {
        run(this::succeed, "--out", run());
        assertFails(2, "a run is there already", this::succeed, "--out", run());
        assertEquals(0, run(this::succeed, "--out", run(), "--overwrite"));
    }

    @Test
    void wrongInputLeavesNothingBehind() {
        assertFails(2, "budget: found 10 bytes, expected 5000 or more",
                (config, directory, listener, cancellation) -> {
                    throw new InputException("budget: found 10 bytes, expected 5000 or more");
                }, "--out", run());
        assertFalse(Files.exists(folder.resolve("run")));
        assertFails(2, "--budget: found '64GiB', expected a size", this::succeed, "--budget", "64GiB");
        assertFails(2, "search.batchSize: found 0, expected 2 to 65536", this::succeed, "--set", "search.batchSize=0");
        assertFails(2, "unknown key 'search.batch'", this::succeed, "--set", "search.batch=0");
        assertFails(2, "--data: found none", this::succeed, "--task", "cifar100");
    }

    @Test
    void wrongInputLeavesTheRunThatItWasToReplace() throws IOException {
        run(this::succeed, "--out", run());
        String before = Files.readString(folder.resolve("run/result.json"));
        assertFails(2, "--space: no such file", (config, directory, listener, cancellation) -> {
            throw new InputException("--space: no such file");
        }, "--out", run(), "--overwrite", "--seed", "9");
        assertEquals(before, Files.readString(folder.resolve("run/result.json")));
        assertEquals(1, RunConfig.read(folder.resolve("run/config.json")).seed());
        assertEquals(0, run(this::succeed, "--out", run(), "--overwrite", "--seed", "9"));
        assertEquals(9, RunConfig.read(folder.resolve("run/config.json")).seed());
        assertFalse(Files.exists(folder.resolve("run/.replaced")));
    }

    @Test
    void aFailureIsOneLineAndExitCode1() {
        assertFails(1, "internal error: broken (--debug shows where)",
                (config, directory, listener, cancellation) -> {
                    throw new IllegalStateException("broken");
                }, "--out", run());
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void aStoppedRunExitsWith130AndResumesUnchanged() {
        int code = run((config, directory, listener, cancellation) -> {
            saveCheckpoint(directory);
            throw new CancelledException();
        }, "--out", run(), "--seed", "3");
        assertEquals(130, code);
        assertEquals("udc: stopped; 'fake --resume --out " + run() + "' goes on\n", text(err));
        assertFails(2, "seed: found 4, expected 3; a run that is resumed keeps its values",
                this::succeed, "--out", run(), "--resume", "--seed", "4");
        assertEquals(0, run(this::succeed, "--out", run(), "--resume"));
        assertFails(2, "none: not a run directory", this::succeed, "--out",
                folder.resolve("none").toString(), "--resume");
    }

    @Test
    void aRunThatIsStoppedBeforeItsFirstCheckpointPromisesNothing() {
        assertFails(130, "udc: stopped before the first checkpoint; nothing was kept",
                (config, directory, listener, cancellation) -> {
                    throw new CancelledException();
                }, "--out", run());
        assertFalse(Files.exists(folder.resolve("run")));
    }

    @Test
    void aRunThatAnotherProcessWorksOnIsRefused() {
        assertEquals(0, run((config, directory, listener, cancellation) -> {
            saveCheckpoint(directory);
            assertFails(2, run() + ": another process works on it", this::succeed, "--out", run(), "--resume");
            assertFails(2, run() + ": another process works on it", this::succeed, "--out", run(), "--overwrite");
            return SampleRun.result();
        }, "--out", run()));
    }

    private static void saveCheckpoint(io.udc.search.run.RunDirectory directory) {
        directory.checkpoints().save(generation -> Files.writeString(generation.resolve("state"), "1"));
    }

    private Result succeed(
            RunConfig config,
            io.udc.search.run.RunDirectory directory,
            io.udc.search.SearchListener listener,
            io.udc.search.Cancellation cancellation) {
        listener.on(new SearchEvent.PhaseStarted("search", 1));
        listener.on(new SearchEvent.EpochDone("search", 1, 1, 1.5, 0.1, null, Map.of()));
        return SampleRun.result();
    }

    private void assertFails(int code, String message, RunSession.Pipeline pipeline, String... args) {
        err.reset();
        assertEquals(code, run(pipeline, args), text(err));
        assertTrue(text(err).contains(message), text(err));
        assertEquals(1, text(err).lines().count(), text(err));
    }

    private int run(RunSession.Pipeline pipeline, String... args) {
        return Main.run(console, new Fake(console, pipeline), args);
    }

    private String run() {
        return folder.resolve("run").toString();
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
