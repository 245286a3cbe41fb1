package io.udc.search;

/**
 * Asks a run to stop. Any thread may request it; the run polls it between steps and ends with a
 * {@link CancelledException}. Thread-safe.
 */
public final class Cancellation {

    private volatile boolean requested;

    public void request() {
        requested = true;
    }

    public boolean isRequested() {
        return requested;
    }

    /**
     * For a point at which nothing has to be saved first.
     *
     * @throws CancelledException if a stop was requested
     */
    public void check() {
        if (requested) {
            throw new CancelledException();
        }
    }
}
