package io.udc.search.run;

import io.udc.InputException;
import io.udc.files.AtomicFile;
import io.udc.json.Json;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.stream.Stream;

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
 * so. Not thread-safe.
 */
public final class RunDirectory {

    /** What may happen to a folder that is there already. */
    public enum Mode {
        /** Refuse it unless it is empty. */
        NEW,
        /** Delete the run that it holds. */
        OVERWRITE,
        /** Go on with the run that it holds. */
        RESUME
    }

    /** Free space that a run must find: checkpoints in two generations, the model and the report. */
    private static final long NEEDED_BYTES = 64L << 20;

    private static final String CONFIG = "config.json";

    private final Path folder;
    /** The topmost folder that had to be created; null if there was none. */
    private final Path created;

    private RunDirectory(Path folder, Path created) {
        this.folder = folder;
        this.created = created;
    }

    /**
     * Opens a folder for a run and makes sure that it can be written, before any work is done.
     *
     * @throws InputException if the folder holds something that the mode does not allow, has no run to resume,
     *     cannot be written or has too little space
     */
    public static RunDirectory open(Path folder, Mode mode) {
        Path absolute = folder.toAbsolutePath().normalize();
        Path created = firstMissing(absolute);
        try {
            admit(folder, mode);
            Files.createDirectories(absolute);
            checkWritable(folder, absolute);
            return new RunDirectory(absolute, created);
        } catch (IOException e) {
            throw new InputException("--out " + folder + ": cannot be written (" + reason(e) + ")", e);
        }
    }

    /** Reads from a run that is there already, such as for a report. */
    public static RunDirectory existing(Path folder) {
        if (!Files.isRegularFile(folder.resolve(CONFIG))) {
            throw new InputException(folder + ": not a run directory, expected a " + CONFIG + " in it");
        }
        return new RunDirectory(folder.toAbsolutePath().normalize(), null);
    }

    public Path folder() {
        return folder;
    }

    public Path config() {
        return folder.resolve(CONFIG);
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
        return new Checkpoints(folder.resolve("checkpoint"), metrics());
    }

    /** Writes an object as indented JSON, atomically. */
    public void writeJson(Path file, Object value) {
        writeText(file, Json.text(value));
    }

    /** Writes a text, atomically. */
    public void writeText(Path file, String text) {
        write(file, out -> out.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /**
     * Writes a file, atomically.
     *
     * @throws InputException if the disk is full or the folder has gone
     */
    public void write(Path file, AtomicFile.Content content) {
        try {
            AtomicFile.write(file, content);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be written (" + reason(e) + ")", e);
        }
    }

    public Optional<Result> readResult() {
        return Files.exists(result()) ? Optional.of(Json.read(result(), Result.class)) : Optional.empty();
    }

    /**
     * Takes a run back that failed before it reached anything worth keeping: without a checkpoint or a result,
     * the folders that this object created go away again. What was there before stays.
     */
    public void discardIfFruitless() {
        if (created == null || Files.exists(result()) || checkpoints().exists()) {
            return;
        }
        try {
            deleteTree(folder);
            for (Path empty = folder.getParent(); empty.startsWith(created); empty = empty.getParent()) {
                Files.deleteIfExists(empty);
            }
        } catch (IOException e) {
            // Another run may use the parent meanwhile; an empty folder harms nobody.
            return;
        }
    }

    private static void admit(Path folder, Mode mode) throws IOException {
        boolean isRun = Files.isRegularFile(folder.resolve(CONFIG));
        switch (mode) {
            case NEW -> {
                if (holdsSomething(folder)) {
                    throw new InputException("--out " + folder + ": " + (isRun ? "a run is" : "files are")
                            + " there already, expected a new folder (--resume goes on with a run, "
                            + "--overwrite replaces it)");
                }
            }
            case OVERWRITE -> {
                if (isRun) {
                    deleteTree(folder);
                } else if (holdsSomething(folder)) {
                    throw new InputException("--overwrite " + folder
                            + ": holds files that are no run (no " + CONFIG + "), they are left alone");
                }
            }
            case RESUME -> {
                if (!isRun) {
                    throw new InputException("--resume " + folder + ": no run to resume, expected a " + CONFIG
                            + " in it");
                }
            }
        }
    }

    private static boolean holdsSomething(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return false;
        }
        if (!Files.isDirectory(folder)) {
            throw new InputException("--out " + folder + ": found a file, expected a folder");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isPresent();
        }
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
            throw new InputException("--out " + named + ": found " + (free >> 20) + " MiB of free space, expected "
                    + (NEEDED_BYTES >> 20) + " MiB");
        }
    }

    private static Path firstMissing(Path folder) {
        Path missing = null;
        for (Path path = folder; path != null && Files.notExists(path); path = path.getParent()) {
            missing = path;
        }
        return missing;
    }

    static void deleteTree(Path root) throws IOException {
        if (Files.notExists(root)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static String reason(IOException e) {
        if (e instanceof java.nio.file.FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return switch (e.getClass().getSimpleName()) {
            case "AccessDeniedException" -> "permission denied";
            case "FileAlreadyExistsException" -> "a file is in the way: " + e.getMessage();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
