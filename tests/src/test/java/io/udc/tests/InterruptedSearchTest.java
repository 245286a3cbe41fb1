package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.udc.json.Json;
import io.udc.search.Search;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are asked to end: by Ctrl-C, or by whoever shuts the machine down. */
class InterruptedSearchTest {

    private static final Map<String, Integer> NUMBERS = Map.of("INT", 2, "TERM", 15);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void aSearchThatIsAskedToEndSaysHowToGoOnAndThenEndsWithTheSameBytes(String signal) throws Exception {
        assumeFalse(isIgnored(NUMBERS.get(signal)), "started where this signal is ignored, as behind nohup");
        RunConfig config = TinySearch.config("3KiB", 11)
                .set("dataOptions.shapesTrain", "2000")
                .build();
        RunDirectory undisturbed = RunDirectory.open(folder.resolve("undisturbed"), RunDirectory.Mode.NEW);
        Search.builder(config).build().run(undisturbed);

        Path file = Files.writeString(folder.resolve("config.json"), Json.text(config));
        Path run = folder.resolve("interrupted");
        SearchProcesses processes = new SearchProcesses(folder.resolve("log.txt"));
        Process first = processes.start(run, "--config", file.toString());
        processes.awaitCheckpoint(first, run, 1); // by then the solver has run, which has handlers of its own
        new ProcessBuilder("kill", "-" + signal, Long.toString(first.pid())).start().waitFor();
        assertTrue(first.waitFor(SearchProcesses.LIMIT_SECONDS, TimeUnit.SECONDS), processes::printed);
        assertEquals(130, first.exitValue(), processes::printed);
        assertTrue(processes.printed().contains("--resume"), processes::printed);

        Process second = processes.start(run, "--resume");
        assertTrue(second.waitFor(SearchProcesses.LIMIT_SECONDS, TimeUnit.SECONDS), processes::printed);
        assertEquals(0, second.exitValue(), processes::printed);
        assertArrayEquals(Files.readAllBytes(undisturbed.model()), Files.readAllBytes(run.resolve("model.udc")));
    }

    /** Whether this process ignores a signal, and so the processes that it starts. */
    private static boolean isIgnored(int signal) throws IOException {
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .findFirst()
                .orElse("0");
        return (Long.parseUnsignedLong(ignored, 16) >> (signal - 1) & 1) == 1;
    }
}
