package io.udc.device;

/**
 * Work on a device that is recorded once and repeated by a single call: what it enqueues, in its order, on the
 * tensors that it used when it was recorded. Nothing that the work does on the host is repeated. One thread at a
 * time.
 */
public interface RecordedWork extends AutoCloseable {

    /**
     * Does the work as it is, in the surroundings in which it will be recorded, so that whatever happens only the
     * first time is behind it: choice of algorithms, workspaces, threads.
     */
    void warmUp(Runnable work);

    /**
     * Records the work instead of doing it; an earlier recording is dropped. The work may neither wait for the device
     * nor copy from or to the host.
     *
     * @throws IllegalStateException in the device's words if it cannot be recorded; that, and what the work throws,
     *     leaves the device as it was
     */
    void capture(Runnable work);

    /**
     * Does what was recorded; enqueued and not waited for.
     *
     * @throws IllegalStateException if nothing was recorded, or the device refused it
     */
    void replay();

    /** Drops the recording and its memory. */
    @Override
    void close();
}
