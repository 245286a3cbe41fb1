package io.udc.data;

/** Measures which share of a consumer's time went into waiting. Used by the consumer's thread only. */
final class WaitClock {

    private long resumedAt;
    private long lastSeen;
    private long waitStarted;
    private long totalNanos;
    private long waitedNanos;

    void resume() {
        resumedAt = System.nanoTime();
        lastSeen = resumedAt;
    }

    /** The consumer is here again, so its time up to now counts. */
    void seen() {
        lastSeen = System.nanoTime();
    }

    void waitBegins() {
        waitStarted = System.nanoTime();
    }

    void waitEnds() {
        lastSeen = System.nanoTime();
        waitedNanos += lastSeen - waitStarted;
    }

    /**
     * What follows the consumer's last call is not counted: nobody knows whether it still works on a batch.
     */
    void pause() {
        totalNanos += lastSeen - resumedAt;
        resumedAt = lastSeen;
    }

    double share() {
        long total = totalNanos + lastSeen - resumedAt;
        return total == 0 ? 0 : (double) waitedNanos / total;
    }
}
