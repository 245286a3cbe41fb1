package io.udc.format;

import io.udc.InputException;
import io.udc.files.AtomicFile;
import io.udc.files.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The content of a safetensors file: named tensors and a map of texts.
 *
 * <pre>
 * file     --&gt; headerLength, header, payload
 * headerLength --&gt; unsigned 64-bit little-endian number of header bytes
 * header   --&gt; JSON object { "__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets"} },
 *              padded with spaces to a multiple of 8 bytes
 * payload  --&gt; the tensors' bytes, without gaps or overlaps, in the header's order
 * </pre>
 *
 * <p>The writer puts the metadata first and both maps in order of name, so that equal content gives equal bytes.
 * The reader takes any order but no gap, overlap or trailing byte. The format is described at
 * https://github.com/huggingface/safetensors.
 */
public record Safetensors(Map<String, String> metadata, Map<String, StoredTensor> tensors) {

    /** Greatest accepted header, bytes. */
    public static final int MAX_HEADER_BYTES = 16 << 20;

    /** Greatest accepted file, bytes: what one Java buffer holds. */
    public static final long MAX_FILE_BYTES = Integer.MAX_VALUE - 8L;

    public Safetensors {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(new TreeMap<>(tensors)));
    }

    /**
     * Reads a file into memory.
     *
     * @throws InputException if it is not there or is not what the class comment describes
     */
    public static Safetensors read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MAX_FILE_BYTES) {
                throw new InputException(file + ": " + size + " bytes, expected at most " + MAX_FILE_BYTES);
            }
            return parse(Files.readAllBytes(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Reads a file's bytes; the tensors share them.
     *
     * @param source what to call the bytes in an error message
     */
    public static Safetensors parse(byte[] file, String source) {
        return SafetensorsHeader.parse(file, source).content(file);
    }

    /**
     * Writes the file atomically.
     *
     * @throws InputException if the folder refuses, or if the file would be larger than what is read back
     * @throws io.udc.OutputException if the disk is full or fails
     */
    public void write(Path file) {
        long size = payloadBytes();
        if (size > MAX_FILE_BYTES - MAX_HEADER_BYTES) {
            throw new InputException(file + ": " + size + " bytes of tensors, expected at most "
                    + (MAX_FILE_BYTES - MAX_HEADER_BYTES));
        }
        try {
            AtomicFile.write(file, this::write);
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    /** The file's bytes. */
    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            write(out);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot refuse", e);
        }
        return out.toByteArray();
    }

    private void write(OutputStream out) throws IOException {
        byte[] header = SafetensorsHeader.text(this).getBytes(StandardCharsets.UTF_8);
        out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
        out.write(header);
        for (StoredTensor tensor : tensors.values()) {
            Channels.newChannel(out).write(tensor.bytes().duplicate());
        }
    }

    private long payloadBytes() {
        return tensors.values().stream().mapToLong(tensor -> tensor.bytes().remaining()).sum();
    }

    /** The payload's bytes, tensor after tensor. */
    byte[] payload() {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(payloadBytes()));
        tensors.values().forEach(tensor -> all.put(tensor.bytes().duplicate()));
        return all.array();
    }
}
