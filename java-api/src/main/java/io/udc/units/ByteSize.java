package io.udc.units;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes. In text and in JSON it is a number with a unit, {@code B}, {@code KB} (1000), {@code KiB}
 * (1024), {@code MB} or {@code MiB}, or a bare whole number of bytes.
 *
 * @param bytes 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {

    private static final Pattern SYNTAX = Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)\\s*");

    /** Bytes of each unit, the largest first: the order in which {@link #toString} tries them. */
    private static final Map<String, Long> UNITS = units();

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("found " + bytes + " bytes, expected 0 or more");
        }
    }

    /**
     * Reads a size.
     *
     * @throws InputException if the text has another form, another unit, or does not give a whole number of bytes
     */
    @JsonCreator
    public static ByteSize parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw unreadable(text);
        }
        String unit = matcher.group(2).isEmpty() ? "B" : matcher.group(2);
        Long factor = UNITS.entrySet().stream()
                .filter(entry -> entry.getKey().equalsIgnoreCase(unit))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> unreadable(text));
        try {
            return new ByteSize(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(factor))
                    .longValueExact());
        } catch (ArithmeticException e) {
            throw new InputException("found '" + text + "', expected a whole number of bytes below 2^63", e);
        }
    }

    @JsonCreator
    static ByteSize of(long bytes) {
        return new ByteSize(bytes);
    }

    /** This size in units of 1024 bytes. */
    public double kibibytes() {
        return bytes / 1024.0;
    }

    /** For people: two decimals in the largest binary unit that fits, such as {@code 63.94 KiB}. */
    public static String display(double bytes) {
        if (bytes < 1024) {
            return String.format(Locale.ROOT, bytes == Math.rint(bytes) ? "%.0f B" : "%.1f B", bytes);
        }
        if (bytes < 1024 * 1024) {
            return String.format(Locale.ROOT, "%.2f KiB", bytes / 1024);
        }
        return bytes < (1L << 30)
                ? String.format(Locale.ROOT, "%.2f MiB", bytes / (1 << 20))
                : String.format(Locale.ROOT, "%.2f GiB", bytes / (1L << 30));
    }

    @Override
    public int compareTo(ByteSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The shortest exact text, which {@link #parse} reads back: {@code 64KiB}, {@code 65537B}. */
    @Override
    @JsonValue
    public String toString() {
        for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
            if (bytes > 0 && bytes % unit.getValue() == 0) {
                return bytes / unit.getValue() + unit.getKey();
            }
        }
        return bytes + "B";
    }

    private static Map<String, Long> units() {
        Map<String, Long> units = new LinkedHashMap<>();
        units.put("MiB", 1L << 20);
        units.put("MB", 1_000_000L);
        units.put("KiB", 1L << 10);
        units.put("KB", 1_000L);
        units.put("B", 1L);
        return units;
    }

    private static InputException unreadable(String text) {
        return new InputException(
                "found '" + text + "', expected a size such as 64KiB (units: B, KB, KiB, MB, MiB)");
    }
}
