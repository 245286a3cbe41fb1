package io.udc.search.run;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.udc.InputException;
import io.udc.OutputException;
import io.udc.files.AtomicFile;
import io.udc.files.WholeFile;
import io.udc.json.Json;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;

/**
 * Checkpoints in generations: a folder {@code 000017} holds the files of one, with {@code complete.json} naming
 * the size and CRC-32C of each. A generation appears by one rename, after its files have reached the disk; the
 * newest and the one before it are kept. A run that is killed at any moment therefore finds a whole one.
 */
public final class Checkpoints {

    private static final int KEPT = 2;
    private static final String MANIFEST = "complete.json";
    private static final String TEMPORARY = ".writing";

    private final Path folder;
    private final Path metrics;
    private final Path replaced;

    /**
     * @param metrics the run's log, of which every checkpoint remembers how far it had come
     * @param replaced files of the run that this one replaces, which the first checkpoint makes superfluous
     */
    Checkpoints(Path folder, Path metrics, Path replaced) {
        this.folder = folder;
        this.metrics = metrics;
        this.replaced = replaced;
    }

    /** Writes the files of a checkpoint into a folder, or reads them from it. */
    @FunctionalInterface
    public interface Writer {
        void write(Path generation) throws IOException;
    }

    /** Reads what a {@link Writer} has written. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(Path generation) throws IOException;
    }

    @JsonPropertyOrder(alphabetic = true)
    record FileSum(long bytes, long crc32c) {}

    /** @param metricsBytes length of the log when the checkpoint was taken */
    record Manifest(Map<String, FileSum> files, long metricsBytes) {}

    /** Whether there is a checkpoint, whole or not. */
    public boolean exists() {
        return !generations().isEmpty();
    }

    /**
     * Adds a checkpoint and drops the oldest.
     *
     * @throws OutputException if it cannot be written, such as on a full disk; those before it stay
     */
    public void save(Writer writer) {
        List<Integer> present = generations();
        int next = present.isEmpty() ? 1 : present.get(0) + 1;
        Path temporary = folder.resolve(TEMPORARY);
        try {
            RunContents.deleteTree(temporary);
            Files.createDirectories(temporary);
            writer.write(temporary);
            AtomicFile.write(temporary.resolve(MANIFEST), Json.text(manifest(temporary)));
            Files.move(temporary, path(next), StandardCopyOption.ATOMIC_MOVE);
            RunContents.deleteTree(replaced);
            for (int old : generations()) {
                if (old <= next - KEPT) {
                    RunContents.deleteTree(path(old));
                }
            }
        } catch (IOException e) {
            discard(temporary, e);
            throw WholeFile.unwritable(folder + ": the checkpoint", e);
        } catch (InputException | OutputException e) {
            discard(temporary, e);
            throw e;
        }
    }

    /**
     * Reads the newest checkpoint that is whole. One that is corrupt is named in a warning, and the one before it
     * is tried. The log takes back the lines of epochs that the run will do again.
     *
     * @return what the reader made of it; empty if there is no checkpoint at all
     * @throws InputException if there are checkpoints and none can be read
     */
    public <T> Optional<T> restore(Reader<T> reader, SearchListener listener) {
        List<Integer> present = generations();
        List<Message> corrupt = new ArrayList<>();
        for (int i = 0; i < present.size(); i++) {
            Path generation = path(present.get(i));
            try {
                Manifest manifest = verify(generation);
                T state = reader.read(generation);
                MetricsLog.truncate(metrics, manifest.metricsBytes());
                corrupt.forEach(listener::on); // only now is it true that the run goes on
                return Optional.of(state);
            } catch (IOException | InputException e) {
                if (i == present.size() - 1) {
                    throw new InputException(
                            generation + ": no checkpoint can be read (" + e.getMessage() + ")", e);
                }
                corrupt.add(Message.warning("checkpoint " + generation + " is corrupt (" + e.getMessage()
                        + "); going on from the one before it"));
            }
        }
        MetricsLog.truncate(metrics, 0);
        return Optional.empty();
    }

    /** Numbers of the generations, the newest first. */
    private List<Integer> generations() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Integer> numbers = new ArrayList<>(entries
                    .map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("\\d{6,9}"))
                    .map(Integer::valueOf)
                    .toList());
            numbers.sort(Collections.reverseOrder());
            return numbers;
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private Path path(int generation) {
        return folder.resolve(String.format(Locale.ROOT, "%06d", generation));
    }

    private Manifest manifest(Path generation) throws IOException {
        Map<String, FileSum> sums = new TreeMap<>();
        for (Path file : filesOf(generation)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            sums.put(file.getFileName().toString(), sum(file));
        }
        return new Manifest(sums, Files.exists(metrics) ? Files.size(metrics) : 0);
    }

    private static Manifest verify(Path generation) throws IOException {
        Manifest manifest = Json.read(generation.resolve(MANIFEST), Manifest.class);
        for (Map.Entry<String, FileSum> entry : manifest.files().entrySet()) {
            Path file = generation.resolve(entry.getKey());
            if (!Files.isRegularFile(file)) {
                throw new IOException(entry.getKey() + " is missing");
            }
            FileSum found = sum(file);
            if (!found.equals(entry.getValue())) {
                throw new IOException(entry.getKey() + ": found " + found.bytes() + " bytes with CRC "
                        + found.crc32c() + ", expected " + entry.getValue().bytes() + " with "
                        + entry.getValue().crc32c());
            }
        }
        return manifest;
    }

    private static List<Path> filesOf(Path generation) throws IOException {
        try (Stream<Path> files = Files.list(generation)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static FileSum sum(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
            }
            return new FileSum(bytes, crc.getValue());
        }
    }

    private static void discard(Path temporary, Exception cause) {
        try {
            RunContents.deleteTree(temporary);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
