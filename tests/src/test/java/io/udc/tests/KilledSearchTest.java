package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.json.Json;
import io.udc.search.Search;
import io.udc.search.cli.Main;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that end without a chance to clean up. */
class KilledSearchTest {

    private static final int LIMIT_SECONDS = 240;
    private static final int KILLS = 2;

    @TempDir
    private Path folder;

    @Test
    void aSearchThatIsKilledAtRandomAndLosesItsNewestCheckpointEndsWithTheSameBytes() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        // Epochs of about half a second: none is over before its process can be killed.
        RunConfig config = TinySearch.config("3KiB", 7)
                .set("dataOptions.shapesTrain", "2000")
                .set("training.dense.epochs", "4")
                .build();
        RunDirectory undisturbed = RunDirectory.open(folder.resolve("undisturbed"), RunDirectory.Mode.NEW);
        Search.builder(config).build().run(undisturbed);

        Path file = folder.resolve("config.json");
        Files.writeString(file, Json.text(config));
        Path killed = folder.resolve("killed");
        for (int kill = 0; kill < KILLS; kill++) {
            int before = generation(killed);
            Process process = kill == 0 ? start(killed, "--config", file.toString()) : start(killed, "--resume");
            awaitCheckpoint(process, killed, before + 2);
            process.waitFor(random.nextInt(700), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
        }
        damage(killed);
        Process last = start(killed, "--resume");
        assertTrue(last.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "seed " + seed);
        String log = Files.readString(log());

        assertEquals(0, last.exitValue(), "seed " + seed + ": " + log);
        assertTrue(log.contains("is corrupt") && log.contains("going on from the one before it"), log);
        assertEquals(Files.readString(undisturbed.architecture()),
                Files.readString(killed.resolve("architecture.json")));
        assertArrayEquals(Files.readAllBytes(undisturbed.model()),
                Files.readAllBytes(killed.resolve("model.udc")), "seed " + seed);
    }

    private Process start(Path run, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"),
                Main.class.getName(), "search", "--out", run.toString());
        builder.command().addAll(List.of(arguments));
        return builder.redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    private Path log() {
        return folder.resolve("log.txt");
    }

    private void awaitCheckpoint(Process process, Path run, int wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (generation(run) < wanted) {
            assertTrue(process.isAlive() && System.nanoTime() < end, () -> text(log()));
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
    }

    /** Number of the newest checkpoint, 0 if there is none. */
    private static int generation(Path run) throws IOException {
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

    /** Turns one bit of the newest checkpoint. */
    private static void damage(Path run) throws IOException {
        Path summary = run.resolve("checkpoint")
                .resolve(String.format("%06d", generation(run)))
                .resolve("summary.json");
        byte[] bytes = Files.readAllBytes(summary);
        bytes[bytes.length / 2] ^= 1;
        Files.write(summary, bytes);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
