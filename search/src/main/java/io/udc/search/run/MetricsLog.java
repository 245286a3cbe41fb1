package io.udc.search.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.udc.InputException;
import io.udc.files.WholeFile;
import io.udc.json.Json;
import io.udc.search.SearchEvent;
import io.udc.search.SearchListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends to metrics.jsonl: every finished epoch is one object on one line, written at once. A checkpoint remembers
 * how long the file was, and takes back what came later when a run goes on from it; so the log always writes at the
 * file's end, wherever that is by then.
 */
public final class MetricsLog implements SearchListener, AutoCloseable {

    private final Path file;
    private final FileChannel channel;

    private MetricsLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens a log at its end, or creates it. A last line that is cut off is taken back. */
    public static MetricsLog open(Path file) {
        try {
            truncate(file, Files.exists(file) ? wholeLines(file) : 0);
            FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new MetricsLog(file, channel);
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    @Override
    public void on(SearchEvent event) {
        if (event instanceof SearchEvent.EpochDone epoch) {
            append(epoch);
        }
    }

    /** Takes back the lines after a position; a file that is shorter stays as it is. */
    static void truncate(Path file, long position) {
        if (Files.notExists(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(position);
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    private static long wholeLines(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    private void append(SearchEvent.EpochDone epoch) {
        ByteBuffer line = ByteBuffer.wrap((Json.line(epoch) + "\n").getBytes(StandardCharsets.UTF_8));
        try {
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    /**
     * Reads a log. A last line that is cut off, as after a power failure, is ignored.
     *
     * @throws InputException if another line is no metrics object
     */
    public static List<SearchEvent.EpochDone> read(Path file) {
        if (Files.notExists(file)) {
            return List.of();
        }
        try {
            List<String> lines = Files.readAllLines(file);
            List<SearchEvent.EpochDone> epochs = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                if (i < lines.size() - 1 || isObject(lines.get(i))) {
                    epochs.add(Json.parse(lines.get(i), SearchEvent.EpochDone.class, file + ":" + (i + 1)));
                }
            }
            return epochs;
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private static boolean isObject(String line) {
        try {
            ObjectMapper mapper = Json.mapper();
            JsonNode node = mapper.readTree(line);
            return node != null && node.isObject();
        } catch (IOException e) {
            return false;
        }
    }
}
