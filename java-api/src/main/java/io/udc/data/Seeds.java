package io.udc.data;

/** Derives the seeds of independent random streams. */
public final class Seeds {

    private Seeds() {}

    /**
     * Spreads two numbers over 64 bits (the finaliser of SplitMix64), so that near seeds give unrelated
     * streams.
     */
    public static long mix(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
