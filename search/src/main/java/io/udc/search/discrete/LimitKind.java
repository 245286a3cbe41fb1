package io.udc.search.discrete;

import java.util.Locale;

/** What a network can be limited in. */
public enum LimitKind {
    /** Bytes of the encoded tensors. */
    BYTES("--budget"),
    /** Estimated time of one inference, in seconds. */
    LATENCY("--max-latency"),
    /** Peak SRAM in bytes. */
    SRAM("--max-sram");

    private final String flag;

    LimitKind(String flag) {
        this.flag = flag;
    }

    /** The option that sets the limit. */
    public String flag() {
        return flag;
    }

    /** The name of the cost, and its key in logs: {@code bytes}, {@code latency}, {@code sram}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A value with its unit, bytes to the byte. */
    public String display(double value) {
        return switch (this) {
            case BYTES, SRAM -> String.format(Locale.ROOT, "%.0f bytes", value);
            case LATENCY -> String.format(Locale.ROOT, "%.4f ms", 1e3 * value);
        };
    }
}
