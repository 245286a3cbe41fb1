package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Where weights and feature maps are kept, as Vela's configuration file names it. */
public enum MemoryMode {
    SRAM_ONLY("Sram_Only"),
    SHARED_SRAM("Shared_Sram"),
    DEDICATED_SRAM("Dedicated_Sram"),
    DEDICATED_SRAM_512KB("Dedicated_Sram_512KB");

    private final String vela;

    MemoryMode(String vela) {
        this.vela = vela;
    }

    /**
     * Reads Vela's name.
     *
     * @throws InputException if there is no such mode
     */
    @JsonCreator
    public static MemoryMode parse(String text) {
        for (MemoryMode mode : values()) {
            if (mode.vela.equals(text)) {
                return mode;
            }
        }
        throw new InputException("found '" + text + "', expected "
                + Arrays.stream(values()).map(MemoryMode::toString).collect(Collectors.joining(", ")));
    }

    @Override
    @JsonValue
    public String toString() {
        return vela;
    }
}
