package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.json.Json;
import io.udc.search.Search;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that end without a chance to clean up. */
class KilledSearchTest {

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
        SearchProcesses processes = new SearchProcesses(folder.resolve("log.txt"));
        for (int kill = 0; kill < KILLS; kill++) {
            int before = SearchProcesses.generation(killed);
            Process process = kill == 0
                    ? processes.start(killed, "--config", file.toString())
                    : processes.start(killed, "--resume");
            processes.awaitCheckpoint(process, killed, before + 2);
            process.waitFor(random.nextInt(700), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
        }
        damage(killed);
        Process last = processes.start(killed, "--resume");
        assertTrue(last.waitFor(SearchProcesses.LIMIT_SECONDS, TimeUnit.SECONDS), "seed " + seed);
        String log = processes.printed();

        assertEquals(0, last.exitValue(), "seed " + seed + ": " + log);
        assertTrue(log.contains("is corrupt") && log.contains("going on from the one before it"), log);
        assertEquals(Files.readString(undisturbed.architecture()),
                Files.readString(killed.resolve("architecture.json")));
        assertArrayEquals(Files.readAllBytes(undisturbed.model()),
                Files.readAllBytes(killed.resolve("model.udc")), "seed " + seed);
    }

    /** Turns one bit of the newest checkpoint. */
    private static void damage(Path run) throws IOException {
        Path summary = run.resolve("checkpoint")
                .resolve(String.format(Locale.ROOT, "%06d", SearchProcesses.generation(run)))
                .resolve("summary.json");
        byte[] bytes = Files.readAllBytes(summary);
        bytes[bytes.length / 2] ^= 1;
        Files.write(summary, bytes);
    }
}
