package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The NPUs of the backend's accelerator table, in its order. */
public enum Accelerator {
    ETHOS_U55_32,
    ETHOS_U55_64,
    ETHOS_U55_128,
    ETHOS_U55_256,
    ETHOS_U65_256,
    ETHOS_U65_512;

    /**
     * Reads a name such as ethos-u55-128.
     *
     * @throws InputException if there is no such NPU
     */
    @JsonCreator
    public static Accelerator parse(String text) {
        for (Accelerator accelerator : values()) {
            if (accelerator.toString().equals(text)) {
                return accelerator;
            }
        }
        throw new InputException("found '" + text + "', expected "
                + Arrays.stream(values()).map(Accelerator::toString).collect(Collectors.joining(", ")));
    }

    /** The name as Vela writes it. */
    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
