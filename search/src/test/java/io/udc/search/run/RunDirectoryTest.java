package io.udc.search.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.OutputException;
import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchEvent.SearchState;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.run.RunDirectory.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {

    @TempDir
    Path folder;

    @Test
    void aRunIsNeverOverwrittenUnasked() throws IOException {
        Path run = folder.resolve("runs/a");
        RunDirectory first = abandoned(run, Mode.NEW);
        writeRun(first);
        String message = assertThrows(InputException.class, () -> abandoned(run, Mode.NEW)).getMessage();
        assertTrue(message.contains("a run is there already"), message);
        assertTrue(message.contains("--resume") && message.contains("--overwrite"), message);
        abandoned(run, Mode.RESUME);
        assertTrue(Files.exists(first.config()));
        abandoned(run, Mode.OVERWRITE);
        assertFalse(Files.exists(first.config()));
    }

    @Test
    void theOldRunReturnsWhereTheNewOneComesToNothing() throws IOException {
        RunDirectory old = abandoned(folder.resolve("a"), Mode.NEW);
        writeRun(old);
        old.writeText(old.result(), "old");
        saveCheckpoint(old);
        RunDirectory failed = abandoned(folder.resolve("a"), Mode.OVERWRITE);
        writeRun(failed);
        assertFalse(Files.exists(old.result()));
        failed.close();
        assertEquals("old", Files.readString(old.result()));
        assertTrue(old.checkpoints().exists());
        assertFalse(Files.exists(folder.resolve("a/.replaced")));
    }

    @Test
    void theOldRunGoesWithTheFirstCheckpointOrResultOfTheNewOne() throws IOException {
        RunDirectory old = abandoned(folder.resolve("a"), Mode.NEW);
        writeRun(old);
        old.writeText(old.model(), "old");
        RunDirectory next = abandoned(folder.resolve("a"), Mode.OVERWRITE);
        writeRun(next);
        saveCheckpoint(next);
        assertFalse(Files.exists(folder.resolve("a/.replaced")));
        RunDirectory last = abandoned(folder.resolve("a"), Mode.OVERWRITE);
        writeRun(last);
        last.writeText(last.result(), "last");
        last.close();
        assertFalse(Files.exists(folder.resolve("a/.replaced")));
        assertFalse(Files.exists(last.model()));
        assertFalse(last.checkpoints().exists());
    }

    @Test
    void theOldRunOutlivesANewOneThatIsKilledAtItsBeginning() throws IOException {
        RunDirectory old = abandoned(folder.resolve("a"), Mode.NEW);
        writeRun(old);
        old.writeText(old.result(), "old");
        writeRun(abandoned(folder.resolve("a"), Mode.OVERWRITE));
        abandoned(folder.resolve("a"), Mode.OVERWRITE).close();
        assertEquals("old", Files.readString(old.result()));
    }

    @Test
    void overwriteNamesFilesThatNoRunWrites() throws IOException {
        RunDirectory sweep = abandoned(folder.resolve("a"), Mode.NEW);
        writeRun(sweep);
        writeRun(abandoned(folder.resolve("a/found-8KiB-s1"), Mode.NEW));
        Files.writeString(folder.resolve("a/found-8KiB-s1/notes.txt"), "");
        Files.writeString(folder.resolve("a/sweep.json"), "{}");
        Files.createDirectory(folder.resolve("a/pictures"));
        String message = assertThrows(
                InputException.class, () -> abandoned(folder.resolve("a"), Mode.OVERWRITE)).getMessage();
        assertTrue(message.contains("holds found-8KiB-s1/notes.txt, pictures, which no run writes"), message);
        assertTrue(Files.exists(sweep.config()));
        Files.delete(folder.resolve("a/found-8KiB-s1/notes.txt"));
        Files.delete(folder.resolve("a/pictures"));
        abandoned(folder.resolve("a"), Mode.OVERWRITE);
        assertFalse(Files.exists(folder.resolve("a/found-8KiB-s1")));
    }

    @Test
    void overwriteSparesFoldersThatAreNoRun() throws IOException {
        Files.writeString(folder.resolve("thesis.tex"), "years of work");
        assertThrows(InputException.class, () -> abandoned(folder, Mode.OVERWRITE));
        assertTrue(Files.exists(folder.resolve("thesis.tex")));
    }

    @Test
    void overwriteSparesAConfigJsonThatIsNotARuns() throws IOException {
        for (String config : List.of("{}", "{\"model\": \"bert\"}", "{\"task\": \"sr\"}", "no JSON")) {
            Files.writeString(folder.resolve("config.json"), config);
            assertThrows(InputException.class, () -> abandoned(folder, Mode.OVERWRITE), config);
            assertEquals(config, Files.readString(folder.resolve("config.json")));
        }
    }

    @Test
    void onlyARunIsResumed() {
        assertThrows(InputException.class, () -> abandoned(folder, Mode.RESUME));
        assertThrows(InputException.class, () -> abandoned(folder.resolve("none"), Mode.RESUME));
        assertFalse(Files.exists(folder.resolve("none")));
    }

    @Test
    void aFileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        for (Path bad : List.of(file, file.resolve("run"))) {
            String message = assertThrows(InputException.class, () -> abandoned(bad, Mode.NEW)).getMessage();
            assertTrue(message.startsWith("--out " + bad + ": "), message);
        }
    }

    @Test
    void twoProcessesDoNotWorkOnOneRun() throws IOException {
        Path run = folder.resolve("a");
        RunDirectory first = RunDirectory.open(run, Mode.NEW);
        for (int i = 0; i < 2; i++) {
            for (Mode mode : i == 0 ? List.of(Mode.NEW) : List.of(Mode.RESUME, Mode.OVERWRITE)) {
                String message = assertThrows(InputException.class, () -> RunDirectory.open(run, mode)).getMessage();
                assertEquals(run + ": another process works on it", message);
            }
            writeRun(first);
        }
        saveCheckpoint(first);
        first.close();
        RunDirectory.open(run, Mode.RESUME).close();
        assertTrue(first.checkpoints().exists());
    }

    @Test
    void aLockOfAnotherProcessCountsUntilItsEnd() throws Exception {
        writeRun(abandoned(folder.resolve("a"), Mode.NEW));
        Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp", System.getProperty("java.class.path"), Holder.class.getName(), folder.resolve("a").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals('!', other.getInputStream().read());
            assertThrows(InputException.class, () -> RunDirectory.open(folder.resolve("a"), Mode.RESUME));
        } finally {
            other.destroyForcibly().waitFor();
        }
        RunDirectory.open(folder.resolve("a"), Mode.RESUME).close();
    }

    /** Opens a run, says so, and waits to be killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] args) throws IOException {
            try (RunDirectory run = RunDirectory.open(Path.of(args[0]), Mode.RESUME)) {
                System.out.print("!");
                System.out.flush();
                System.in.read();
            }
        }
    }

    @Test
    void anEmptyFolderIsEmptyAgainAfterAFailure() throws IOException {
        RunDirectory run = RunDirectory.open(folder, Mode.NEW);
        writeRun(run);
        run.close();
        assertEquals(0, Files.list(folder).count());
        Files.createFile(folder.resolve(".lock"));
        RunDirectory.open(folder, Mode.NEW).close();
    }

    @Test
    void aFruitlessRunLeavesNothing() throws IOException {
        Path keep = Files.createDirectory(folder.resolve("keep"));
        RunDirectory run = abandoned(keep.resolve("runs/a"), Mode.NEW);
        run.writeText(run.config(), "{}");
        run.close();
        assertTrue(Files.exists(keep));
        assertFalse(Files.exists(keep.resolve("runs")));
    }

    @Test
    void aRunWithACheckpointIsKept() {
        RunDirectory run = abandoned(folder.resolve("a"), Mode.NEW);
        run.checkpoints().save(generation -> Files.writeString(generation.resolve("state.json"), "1"));
        run.close();
        assertTrue(Files.exists(run.folder()));
    }

    @Test
    void twoGenerationsAreKeptAndACorruptOneIsSkipped() throws IOException {
        Checkpoints checkpoints = abandoned(folder.resolve("a"), Mode.NEW).checkpoints();
        assertEquals(Optional.empty(), restore(checkpoints, SearchListener.silent()));
        for (int i = 1; i <= 3; i++) {
            String text = "state " + i;
            checkpoints.save(generation -> Files.writeString(generation.resolve("state.json"), text));
        }
        assertEquals(Optional.of("state 3"), restore(checkpoints, SearchListener.silent()));
        assertFalse(Files.exists(folder.resolve("a/checkpoint/000001")));

        Files.writeString(folder.resolve("a/checkpoint/000003/state.json"), "state X");
        List<Object> events = new ArrayList<>();
        assertEquals(Optional.of("state 2"), restore(checkpoints, events::add));
        String warning = ((Message) events.get(0)).text();
        assertTrue(warning.contains("000003 is corrupt (state.json: found 7 bytes"), warning);

        events.clear();
        Files.delete(folder.resolve("a/checkpoint/000002/complete.json"));
        assertThrows(InputException.class, () -> restore(checkpoints, events::add));
        assertEquals(List.of(), events);
    }

    @Test
    void checkpointsAreFoundWhereDigitsAreWrittenOtherwise() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-u-nu-arab"));
        try {
            Checkpoints checkpoints = abandoned(folder.resolve("a"), Mode.NEW).checkpoints();
            for (String text : List.of("1", "2")) {
                checkpoints.save(generation -> Files.writeString(generation.resolve("state.json"), text));
            }
            assertEquals(Optional.of("2"), restore(checkpoints, SearchListener.silent()));
            assertTrue(Files.exists(folder.resolve("a/checkpoint/000002")));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void aFailedSaveKeepsWhatIsThere() throws IOException {
        Checkpoints checkpoints = abandoned(folder.resolve("a"), Mode.NEW).checkpoints();
        checkpoints.save(generation -> Files.writeString(generation.resolve("state.json"), "good"));
        assertThrows(OutputException.class, () -> checkpoints.save(generation -> {
            Files.writeString(generation.resolve("state.json"), "ha");
            throw new IOException("No space left on device");
        }));
        assertEquals(Optional.of("good"), restore(checkpoints, SearchListener.silent()));
        assertFalse(Files.exists(folder.resolve("a/checkpoint/.writing")));
    }

    @Test
    void metricsReadBackAndGoOnAfterACutLine() throws IOException {
        Path file = folder.resolve("metrics.jsonl");
        EpochDone search = new EpochDone(
                "search", 1, 2, 2.25, 0.5,
                new SearchState(1e4, null, 1e-3, null, 0.9, Map.of("bits", 0.8), Map.of("bytes", 0.1)),
                Map.of("waitShare", 0.01));
        EpochDone train = new EpochDone("train", 1, 2, Double.NaN, 0.5, null, Map.of());
        try (MetricsLog log = MetricsLog.open(file)) {
            log.on(search);
            log.on(train);
            log.on(Message.info("not a metric"));
        }
        assertEquals(List.of(search, train), MetricsLog.read(file));
        Files.writeString(file, "{\"phase\": \"tr", StandardOpenOption.APPEND);
        assertEquals(2, MetricsLog.read(file).size());
        try (MetricsLog log = MetricsLog.open(file)) {
            log.on(train);
            assertEquals(3, MetricsLog.read(file).size());
        }
    }

    @Test
    void metricsOfEarlierVersionsAreRead() throws IOException {
        Path file = Files.writeString(folder.resolve("metrics.jsonl"), "{\"phase\":\"train\",\"epoch\":1,\"epochs\":3,"
                + "\"loss\":1.0,\"metric\":null,\"seconds\":0.5,\"search\":null,\"values\":{}}\n");
        assertEquals(List.of(epoch(1)), MetricsLog.read(file));
    }

    @Test
    void aCheckpointTakesBackTheMetricsOfEpochsThatAreDoneAgain() {
        RunDirectory run = abandoned(folder.resolve("a"), Mode.NEW);
        try (MetricsLog log = MetricsLog.open(run.metrics())) {
            log.on(epoch(1));
            run.checkpoints().save(generation -> Files.writeString(generation.resolve("state.json"), "1"));
            log.on(epoch(2));
        }
        try (MetricsLog log = MetricsLog.open(run.metrics())) {
            assertEquals(Optional.of("1"), restore(run.checkpoints(), SearchListener.silent()));
            log.on(epoch(2));
            log.on(epoch(3));
        }
        assertEquals(List.of(epoch(1), epoch(2), epoch(3)), MetricsLog.read(run.metrics()));
        RunDirectory other = abandoned(folder.resolve("b"), Mode.NEW);
        try (MetricsLog log = MetricsLog.open(other.metrics())) {
            log.on(epoch(1));
            assertEquals(Optional.empty(), restore(other.checkpoints(), SearchListener.silent()));
            assertEquals(List.of(), MetricsLog.read(other.metrics()));
        }
    }

    /** A folder as a process leaves it that is killed: its files stay, its lock goes. */
    private static RunDirectory abandoned(Path folder, Mode mode) {
        RunDirectory run = RunDirectory.open(folder, mode);
        run.unlock();
        return run;
    }

    private static void writeRun(RunDirectory run) {
        run.writeJson(run.config(), RunConfig.builder(Task.SHAPES, "quick").build());
    }

    private static void saveCheckpoint(RunDirectory run) {
        run.checkpoints().save(generation -> Files.writeString(generation.resolve("state.json"), "1"));
    }

    private static EpochDone epoch(int number) {
        return new EpochDone("train", number, 3, 1, 0.5, null, Map.of());
    }

    private static Optional<String> restore(Checkpoints checkpoints, SearchListener listener) {
        return checkpoints.restore(generation -> Files.readString(generation.resolve("state.json")), listener);
    }
}
