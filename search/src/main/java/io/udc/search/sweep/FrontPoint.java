package io.udc.search.sweep;

import io.udc.arch.Compression;
import java.util.List;

/**
 * A network of a front.
 *
 * @param name {@code found}, or such as {@code uniform 4-bit, 75% sparse}
 * @param compression of every layer; null for a found network
 * @param budgetBytes the limit that it was made for
 * @param seed of its run; null for the mean over seeds
 * @param metric of the integer network
 * @param encodedBytes of the network
 */
public record FrontPoint(
        String name, Compression compression, long budgetBytes, Long seed, double metric, double encodedBytes) {

    /** The mean of points that differ in their seeds only. */
    static FrontPoint mean(List<FrontPoint> points) {
        FrontPoint first = points.get(0);
        return new FrontPoint(first.name, first.compression, first.budgetBytes, null,
                points.stream().mapToDouble(FrontPoint::metric).average().orElseThrow(),
                points.stream().mapToDouble(FrontPoint::encodedBytes).average().orElseThrow());
    }
}
