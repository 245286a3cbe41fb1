package io.udc.search.bench;

import java.util.Arrays;

/** What half of repeated measurements stay below: a disturbed one does not move it. */
final class Median {

    private Median() {}

    /** Of an even number of values, the upper of the two in the middle. */
    static double of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
