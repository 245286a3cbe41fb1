package io.udc.search.run;

import io.udc.files.AtomicFile;
import io.udc.search.config.RunConfig;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a folder holds: files that runs write, and files of others, which no run deletes. */
record RunContents(Path folder) {

    static final String CONFIG = "config.json";

    /** Holds the files of the run that is replaced. */
    static final String REPLACED = ".replaced";

    /** What runs and sweeps write beside folders of runs and temporary files. */
    private static final Pattern WRITTEN = Pattern.compile("config\\.json|metrics\\.jsonl|architecture\\.json|model\\.udc"
            + "|result\\.json|report\\.html|checkpoint|\\.replaced|\\.lock|sweep\\.json|front\\.json|front\\.svg"
            + "|warmup-s\\d+\\.safetensors");

    /** Whether the folder holds all the values of a run; other programs have files of that name as well. */
    boolean isRun() {
        Path config = folder.resolve(CONFIG);
        return Files.isRegularFile(config) && RunConfig.isWrittenTo(config);
    }

    /** Whether there are runs in the folder, as in that of a sweep. */
    boolean holdsRuns() throws IOException {
        return entries().stream().anyMatch(entry -> !entry.endsWith(REPLACED) && new RunContents(entry).isRun());
    }

    /** Whether there is anything but a lock. */
    boolean holdsSomething() throws IOException {
        return entries().stream().anyMatch(entry -> !entry.endsWith(RunLock.NAME));
    }

    /** Files, in a run's folder and those of a sweep's runs, that no run writes. */
    List<Path> foreign() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path entry : entries()) {
            if (!isWritten(entry)) {
                found.add(entry);
            } else if (new RunContents(entry).isRun()) {
                found.addAll(new RunContents(entry).foreign());
            }
        }
        return found;
    }

    /** Deletes what a run has written; files of others that came meanwhile stay. */
    void deleteWritten() throws IOException {
        for (Path entry : entries()) {
            if (isWritten(entry) && !stays(entry)) {
                deleteTree(entry);
            }
        }
    }

    /** Moves everything that is part of a run. */
    void moveTo(Path to) throws IOException {
        for (Path entry : entries()) {
            if (!stays(entry)) {
                Files.move(entry, to.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** What is no part of one run: the lock, and what is set aside. */
    private static boolean stays(Path entry) {
        return entry.endsWith(REPLACED) || entry.endsWith(RunLock.NAME);
    }

    private static boolean isWritten(Path entry) {
        String name = entry.getFileName().toString();
        return WRITTEN.matcher(name).matches() || name.endsWith(AtomicFile.TEMPORARY_SUFFIX)
                || new RunContents(entry).isRun();
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    /** Deletes a file or a folder with all that is in it, if it is there. */
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
}
