package io.udc.search;

/**
 * When a loop reports a step. A report reads the losses, and so waits for the device. Asked once behind each step, when
 * all of the step is enqueued.
 */
@FunctionalInterface
public interface ReportRule {

    /** @param step from 1, within its epoch */
    boolean isDue(int step);

    /** Behind the first step, and then no sooner than half a second after the last report. */
    static ReportRule twiceASecond() {
        return new ReportRule() {
            private static final long PAUSE_NANOS = 500_000_000;
            private long last = System.nanoTime() - PAUSE_NANOS;

            @Override
            public boolean isDue(int step) {
                long now = System.nanoTime();
                if (now - last < PAUSE_NANOS) {
                    return false;
                }
                last = now;
                return true;
            }
        };
    }
}
