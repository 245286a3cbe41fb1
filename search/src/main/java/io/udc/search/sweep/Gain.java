package io.udc.search.sweep;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How a found network compares with uniform ones.
 *
 * @param against name of the uniform network that is best at the found network's bytes
 * @param metric how much better the found network is at equal bytes
 * @param smaller how many times smaller it is at equal metric
 * @param bound whether {@code smaller} is exact, or only a bound because the grid ends
 */
public record Gain(String against, double metric, double smaller, Bound bound) {

    /** What a ratio of sizes says. */
    public enum Bound {
        EXACT,
        /** No uniform network is as good: the largest one is compared. */
        AT_LEAST,
        /** The smallest uniform network is better already: it is compared. */
        AT_MOST
    }

    /**
     * Compares with the best of several uniform networks.
     *
     * @param curves at least one
     */
    static Gain of(FrontPoint found, List<UniformCurve> curves) {
        UniformCurve best = curves.stream()
                .max(Comparator.comparingDouble(curve -> curve.metricAt(found.encodedBytes())))
                .orElseThrow();
        double metric = found.metric() - best.metricAt(found.encodedBytes());
        double needed = curves.stream()
                .mapToDouble(curve -> curve.bytesFor(found.metric()))
                .min()
                .orElseThrow();
        double most = curves.stream().mapToDouble(UniformCurve::mostBytes).max().orElseThrow();
        double least = curves.stream().mapToDouble(UniformCurve::leastBytes).min().orElseThrow();
        Bound bound = Double.isInfinite(needed) ? Bound.AT_LEAST : needed <= least ? Bound.AT_MOST : Bound.EXACT;
        return new Gain(best.name(), metric, Math.min(needed, most) / found.encodedBytes(), bound);
    }

    /** The ratio of sizes for people: {@code 1.90x}, {@code > 1.20x}. */
    public String smallerText() {
        String ratio = String.format(Locale.ROOT, "%.2fx", smaller);
        return switch (bound) {
            case EXACT -> ratio;
            case AT_LEAST -> "> " + ratio;
            case AT_MOST -> "< " + ratio;
        };
    }
}
