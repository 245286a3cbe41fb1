package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import io.udc.files.WholeFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/** How integers lie in a file of weights, one after the other without a header. */
public enum WeightType {
    /** One byte each, signed. */
    INT8,
    /** Two bytes each, signed, the low byte first. */
    INT16LE;

    private static final int LEAST = -255;
    private static final int MOST = 255;

    /** @throws InputException if there is no type of this name */
    @JsonCreator
    public static WeightType parse(String text) {
        for (WeightType type : values()) {
            if (type.toString().equals(text)) {
                return type;
            }
        }
        throw new InputException("found '" + text + "', expected int8 or int16le");
    }

    /**
     * Reads a file of weights.
     *
     * @throws InputException if it cannot be read, is empty, ends within a weight or has one that no stream can hold
     */
    public short[] read(Path file) {
        byte[] bytes = WholeFile.read(file);
        if (bytes.length == 0) {
            throw new InputException(file + ": found no bytes, expected weights");
        }
        if (this == INT8) {
            short[] weights = new short[bytes.length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = bytes[i];
            }
            return weights;
        }
        if (bytes.length % Short.BYTES != 0) {
            throw new InputException(file + ": found " + bytes.length + " bytes, expected an even number (int16le)");
        }
        short[] weights = new short[bytes.length / Short.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(weights);
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] < LEAST || weights[i] > MOST) {
                throw new InputException(file + ": weight " + i + ": found " + weights[i] + ", expected " + LEAST
                        + " to " + MOST);
            }
        }
        return weights;
    }

    /** Weights as the bytes of an {@link #INT16LE} file. */
    public static byte[] toInt16(short[] weights) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(weights.length, Short.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(weights);
        return bytes.array();
    }

    /** Such as {@code int16le}. */
    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
