package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.search.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Searches in processes of their own, as people start them.
 *
 * @param log what all of them print
 */
record SearchProcesses(Path log) {

    static final int LIMIT_SECONDS = 240;

    Process start(Path run, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "search", "--out", run.toString());
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** Waits until a process has written so many checkpoints. */
    void awaitCheckpoint(Process process, Path run, int wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (generation(run) < wanted) {
            assertTrue(process.isAlive() && System.nanoTime() < end, this::printed);
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
    }

    /** Number of the newest checkpoint, 0 if there is none. */
    static int generation(Path run) throws IOException {
        Path checkpoints = run.resolve("checkpoint");
        if (Files.notExists(checkpoints)) {
            return 0;
        }
        try (Stream<Path> entries = Files.list(checkpoints)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("\\d+"))
                    .mapToInt(Integer::parseInt)
                    .max()
                    .orElse(0);
        }
    }

    /** What the last process has printed. */
    String printed() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
