package io.udc.kernels;

import io.udc.device.Device;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Looks from a thread of its own, several thousand times a second, whether a GPU has work: a kernel that runs, or one
 * that waits behind it. Gaps between kernels that are enqueued already count as work.
 */
public final class DeviceLoad {

    private static final long PAUSE_NANOS = 100_000;

    private final Thread sampler;
    private final Runnable afterwards;
    private volatile boolean stopped;
    private long samples;
    private long busy;

    /** @param afterwards called when {@code isBusy} will not be asked any more */
    DeviceLoad(BooleanSupplier isBusy, Runnable afterwards) {
        this.afterwards = afterwards;
        sampler = new Thread(() -> sample(isBusy), "udc-device-load");
        sampler.setDaemon(true);
        sampler.start();
    }

    /** Starts to look at the calling thread's current stream on a GPU. */
    public static DeviceLoad start(Device device) {
        CudaStream stream = CudaStream.current(device.index());
        return new DeviceLoad(() -> !stream.isIdle(), stream::close);
    }

    private void sample(BooleanSupplier isBusy) {
        while (!stopped) {
            samples++;
            busy += isBusy.getAsBoolean() ? 1 : 0;
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Ends the sampling; the share of the samples, 0 to 1, in which there was work. */
    public double stop() {
        stopped = true;
        try {
            sampler.join();
            afterwards.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return (double) busy / Math.max(1, samples);
    }
}
