package io.udc.search.supernet;

import io.udc.search.space.DecisionKind;

/**
 * How undecided each kind of decision is to be while the search runs: h = 1 - t^exponent over the kind's own span.
 *
 * <p>What a network looks like is decided from the start, how it is compressed up to the end. While all bits and
 * sparsities are as likely, a weight costs about two bits, so widths are chosen for networks that end about there;
 * decided together, bits win over widths, because the weights adapt to few bits only once these are decided.
 *
 * @param exponent shape of the descent; 1 is a line
 * @param span share of the search over which one kind is decided, above 0 and at most 1; 1 for all kinds all along
 */
record EntropySchedule(double exponent, double span) {

    /**
     * The normalised entropy wanted.
     *
     * @param time share of the search that is over, 0 to 1
     */
    double target(DecisionKind kind, double time) {
        double start = kind.compresses() ? compressionStart() : 0;
        double passed = Math.min(1, Math.max(0, (time - start) / span));
        return 1 - Math.pow(passed, exponent);
    }

    /** Whether the span of bits and sparsities has begun. */
    boolean decidesCompression(double time) {
        return time >= compressionStart();
    }

    private double compressionStart() {
        return 1 - span;
    }
}
