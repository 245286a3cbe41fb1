package io.udc.units;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of time. In text and in JSON it is a number with a unit: {@code us}, {@code ms} or {@code s}.
 *
 * @param seconds finite, 0 or more
 */
public record TimeSpan(double seconds) implements Comparable<TimeSpan> {

    private static final Pattern SYNTAX = Pattern.compile("\\s*(\\d+(?:\\.\\d+)?)\\s*(us|µs|ms|s)\\s*");

    public TimeSpan {
        if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("found " + seconds + " seconds, expected 0 or more");
        }
    }

    /**
     * Reads a time.
     *
     * @throws InputException if the text has another form or no unit
     */
    @JsonCreator
    public static TimeSpan parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new InputException("found '" + text + "', expected a time such as 5ms (units: us, ms, s)");
        }
        int shift = switch (matcher.group(2)) {
            case "s" -> 0;
            case "ms" -> 3;
            default -> 6;
        };
        return new TimeSpan(new BigDecimal(matcher.group(1)).movePointLeft(shift).doubleValue());
    }

    public double milliseconds() {
        return seconds * 1e3;
    }

    /** For people, how long something took or will take: {@code 42s}, {@code 3m07s}, {@code 1h02m}. */
    public static String display(double seconds) {
        if (!(seconds >= 0 && seconds < 1e9)) {
            return "?";
        }
        if (seconds < 10) {
            return String.format(Locale.ROOT, "%.1fs", seconds);
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + "s";
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%dm%02ds", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%dh%02dm", whole / 3600, whole % 3600 / 60);
    }

    @Override
    public int compareTo(TimeSpan other) {
        return Double.compare(seconds, other.seconds);
    }

    /** Exact text that {@link #parse} reads back: {@code 5ms}, {@code 250us}, {@code 1.5s}. */
    @Override
    @JsonValue
    public String toString() {
        BigDecimal exact = BigDecimal.valueOf(seconds);
        if (seconds >= 1 || seconds == 0) {
            return plain(exact) + "s";
        }
        return seconds >= 1e-3 ? plain(exact.movePointRight(3)) + "ms" : plain(exact.movePointRight(6)) + "us";
    }

    private static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }
}
