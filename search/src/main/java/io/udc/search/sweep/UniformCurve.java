package io.udc.search.sweep;

import java.util.Comparator;
import java.util.List;

/**
 * The metric of uniform networks of one compression over their size, linear in log(bytes) between the networks that
 * were trained. Immutable.
 */
final class UniformCurve {

    private final String name;
    private final List<FrontPoint> points;

    /** @param points at least one */
    UniformCurve(String name, List<FrontPoint> points) {
        this.name = name;
        this.points = points.stream().sorted(Comparator.comparingDouble(FrontPoint::encodedBytes)).toList();
    }

    String name() {
        return name;
    }

    /** The metric at a size; beyond the trained networks that of the nearest. */
    double metricAt(double bytes) {
        FrontPoint before = points.get(0);
        if (bytes <= before.encodedBytes()) {
            return before.metric();
        }
        for (FrontPoint point : points) {
            if (point.encodedBytes() >= bytes) {
                double share = Math.log(bytes / before.encodedBytes())
                        / Math.log(point.encodedBytes() / before.encodedBytes());
                return before.metric() + share * (point.metric() - before.metric());
            }
            before = point;
        }
        return before.metric();
    }

    /** The least size at which the metric is reached; infinite if it is nowhere. */
    double bytesFor(double metric) {
        FrontPoint before = points.get(0);
        if (before.metric() >= metric) {
            return before.encodedBytes();
        }
        for (FrontPoint point : points) {
            if (point.metric() >= metric) {
                double share = (metric - before.metric()) / (point.metric() - before.metric());
                return before.encodedBytes() * Math.pow(point.encodedBytes() / before.encodedBytes(), share);
            }
            before = point;
        }
        return Double.POSITIVE_INFINITY;
    }

    double leastBytes() {
        return points.get(0).encodedBytes();
    }

    double mostBytes() {
        return points.get(points.size() - 1).encodedBytes();
    }
}
