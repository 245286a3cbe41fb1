package io.udc.search.run;

import io.udc.InputException;
import io.udc.OutputException;
import io.udc.files.AtomicFile;
import io.udc.files.WholeFile;
import io.udc.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The folder of one run:
 *
 * <pre>
 * config.json        every value of the run, resolved
 * metrics.jsonl      one object per epoch
 * architecture.json  the network that was found
 * model.udc          the trained network, encoded
 * result.json        what was reached
 * report.html        all of it as a page
 * checkpoint/        what --resume goes on from
 * </pre>
 *
 * <p>Files are written whole or not at all, and a folder that holds something is only used when the caller says
 * so. A run that replaces another one sets its files aside, in a folder {@code .replaced}, until it has something of
 * its own to keep. A folder that is open is locked by {@code .lock} until {@link #close} or the end of the process.
 * Not thread-safe.
 */
public final class RunDirectory implements AutoCloseable {

    /** What may happen to a folder that is there already. */
    public enum Mode {
        /** Refuse it unless it is empty. */
        NEW,
        /** Replace the run that it holds, as soon as the new one has a checkpoint or a result. */
        OVERWRITE,
        /** Go on with the run that it holds. */
        RESUME
    }

    /** Free space that a run must find: checkpoints in two generations, the model and the report. */
    private static final long NEEDED_BYTES = 64L << 20;

    private static final String CHECKPOINT = "checkpoint";

    /** How many files an error names. */
    private static final int NAMED = 3;

    private final Path folder;
    private final RunContents contents;
    /** The topmost folder that had to be created; null if there was none. */
    private final Path created;
    /** Whether all that is in the folder is this run's. */
    private final boolean isNew;
    /** Null where nothing is written. */
    private final RunLock lock;

    private RunDirectory(Path folder, Path created, boolean isNew, RunLock lock) {
        this.folder = folder;
        this.contents = new RunContents(folder);
        this.created = created;
        this.isNew = isNew;
        this.lock = lock;
    }

    /**
     * Opens a folder for a run and makes sure that it can be written, before any work is done.
     *
     * @throws InputException if the folder holds something that the mode does not allow, such as files that no run
     *     writes in one that is to be replaced, has no run to resume, is worked on by another process or cannot be
     *     written
     * @throws OutputException if its disk has too little space
     */
    public static RunDirectory open(Path folder, Mode mode) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path created = firstMissing(absolute);
        try {
            admit(folder, mode);
            Files.createDirectories(absolute);
            RunDirectory run =
                    new RunDirectory(absolute, created, mode == Mode.NEW, RunLock.take(absolute, folder));
            run.prepare(folder, mode);
            return run;
        } catch (IOException e) {
            deleteEmpty(absolute, created);
            throw WholeFile.unwritable("--out " + folder + ":", e);
        }
    }

    /** Leaves the folder as it was, and unlocked, where the run cannot begin. */
    private void prepare(Path named, Mode mode) throws IOException {
        boolean ready = false;
        try {
            checkWritable(named, folder);
            if (mode == Mode.OVERWRITE) {
                setAside();
            }
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    /** Reads from a run that is there already, such as for a report. */
    public static RunDirectory existing(Path folder) {
        if (!Files.isRegularFile(folder.resolve(RunContents.CONFIG))) {
            throw new InputException(folder + ": not a run directory, expected a " + RunContents.CONFIG + " in it");
        }
        return new RunDirectory(folder.toAbsolutePath().normalize(), null, false, null);
    }

    public Path folder() {
        return folder;
    }

    public Path config() {
        return folder.resolve(RunContents.CONFIG);
    }

    public Path metrics() {
        return folder.resolve("metrics.jsonl");
    }

    public Path architecture() {
        return folder.resolve("architecture.json");
    }

    public Path model() {
        return folder.resolve("model.udc");
    }

    public Path result() {
        return folder.resolve("result.json");
    }

    public Path report() {
        return folder.resolve("report.html");
    }

    public Checkpoints checkpoints() {
        return new Checkpoints(folder.resolve(CHECKPOINT), metrics(), folder.resolve(RunContents.REPLACED));
    }

    /** Writes an object as indented JSON, atomically. */
    public void writeJson(Path file, Object value) {
        writeText(file, Json.text(value));
    }

    /**
     * Writes a text, atomically.
     *
     * @throws InputException if the folder has gone
     * @throws OutputException if the disk is full
     */
    public void writeText(Path file, String text) {
        WholeFile.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    public Optional<Result> readResult() {
        return Files.exists(result()) ? Optional.of(Json.read(result(), Result.class)) : Optional.empty();
    }

    /**
     * Whether there is something worth keeping, which is a checkpoint, a result or, in a sweep, its front or another run.
     *
     * @throws InputException if the folder cannot be read
     */
    public boolean isFruitful() {
        if (Files.exists(result()) || Files.exists(folder.resolve("front.json")) || checkpoints().exists()) {
            return true;
        }
        try {
            return contents.holdsRuns();
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Ends the work in this folder, and lets others work in it. A run that failed before it was fruitful is taken back:
     * the run that it was to replace returns, or what this object has created goes away again. What was there before
     * stays.
     */
    @Override
    public void close() {
        try (lock) {
            Path replaced = folder.resolve(RunContents.REPLACED);
            if (isFruitful()) {
                RunContents.deleteTree(replaced);
            } else if (Files.isDirectory(replaced)) {
                contents.deleteWritten();
                new RunContents(replaced).moveTo(folder);
                Files.delete(replaced);
            } else if (created != null) {
                RunContents.deleteTree(folder);
                deleteEmpty(folder.getParent(), created);
            } else if (isNew) {
                contents.deleteWritten();
                Files.deleteIfExists(folder.resolve(RunLock.NAME));
            }
        } catch (IOException | InputException e) {
            // An old run that is kept harms nobody.
            return;
        }
    }

    /** Lets others work in the folder, whatever is in it: what happens where a process is killed. */
    void unlock() {
        try {
            lock.close();
        } catch (IOException e) {
            throw WholeFile.unwritable(folder + ":", e);
        }
    }

    /** Deletes a folder and those above it, up to the topmost that had to be created. */
    private static void deleteEmpty(Path folder, Path created) {
        try {
            for (Path empty = folder; created != null && empty.startsWith(created); empty = empty.getParent()) {
                Files.deleteIfExists(empty);
            }
        } catch (IOException e) {
            // Another run may use the folder meanwhile; an empty one harms nobody.
            return;
        }
    }

    /** Makes room for a run that replaces the one that is there. */
    private void setAside() throws IOException {
        Path replaced = folder.resolve(RunContents.REPLACED);
        if (Files.exists(replaced)) {
            if (!isFruitful()) {
                // A run that was killed before it had anything to keep: what it was to replace still waits.
                contents.deleteWritten();
                return;
            }
            RunContents.deleteTree(replaced);
        }
        if (contents.isRun()) {
            Files.createDirectory(replaced);
            contents.moveTo(replaced);
        }
    }

    private static void admit(Path folder, Mode mode) throws IOException {
        boolean hasConfig = Files.isRegularFile(folder.resolve(RunContents.CONFIG));
        switch (mode) {
            case NEW -> {
                if (holdsSomething(folder)) {
                    throw new InputException("--out " + folder + ": " + (hasConfig ? "a run is" : "files are")
                            + " there already, expected a new folder (--resume goes on with a run, "
                            + "--overwrite replaces it)");
                }
            }
            case OVERWRITE -> {
                if (holdsSomething(folder)) {
                    checkReplaceable(folder);
                }
            }
            case RESUME -> {
                if (!hasConfig) {
                    throw new InputException("--resume " + folder + ": no run to resume, expected a " + RunContents.CONFIG
                            + " in it");
                }
            }
        }
    }

    private static void checkReplaceable(Path folder) throws IOException {
        if (!new RunContents(folder).isRun() && !new RunContents(folder.resolve(RunContents.REPLACED)).isRun()) {
            throw new InputException("--overwrite " + folder
                    + ": holds files that are no run (no " + RunContents.CONFIG + " of one), they are left alone");
        }
        List<Path> foreign = new RunContents(folder).foreign();
        if (!foreign.isEmpty()) {
            throw new InputException("--overwrite " + folder + ": holds "
                    + foreign.stream().limit(NAMED).map(file -> folder.relativize(file).toString())
                            .collect(Collectors.joining(", "))
                    + (foreign.size() > NAMED ? " and " + (foreign.size() - NAMED) + " more" : "")
                    + ", which no run writes; expected a folder with a run alone");
        }
    }

    private static boolean holdsSomething(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return false;
        }
        if (!Files.isDirectory(folder)) {
            throw new InputException("--out " + folder + ": found a file, expected a folder");
        }
        return new RunContents(folder).holdsSomething();
    }

    private static void checkWritable(Path named, Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, ".probe", AtomicFile.TEMPORARY_SUFFIX);
        try {
            Files.write(probe, new byte[4096]);
        } finally {
            Files.delete(probe);
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < NEEDED_BYTES) {
            throw new OutputException("--out " + named + ": found " + (free >> 20) + " MiB of free space, expected "
                    + (NEEDED_BYTES >> 20) + " MiB", null);
        }
    }

    private static Path firstMissing(Path folder) {
        Path missing = null;
        for (Path path = folder; path != null && Files.notExists(path); path = path.getParent()) {
            missing = path;
        }
        return missing;
    }
}
