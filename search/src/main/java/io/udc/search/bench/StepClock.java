package io.udc.search.bench;

import io.udc.device.Device;
import io.udc.kernels.DeviceLoad;
import io.udc.search.SearchEvent.StepDone;

/**
 * Times steps without waiting for the device between them: from the end of one step that is waited for to the end of
 * another. Not thread-safe.
 */
final class StepClock extends StepObserver {

    /** Steps that are not counted: libtorch chooses algorithms, the program is compiled, passes may be recorded. */
    static final int WARM_UP = 16;

    static final int MEASURED = 40;

    private final Device device;
    private DeviceLoad load;
    private long begun;
    private long enqueued;
    private long ended;
    private Double busyShare;

    StepClock(Device device) {
        super(WARM_UP + MEASURED);
        this.device = device;
    }

    @Override
    public boolean isDue(int step) {
        enqueued = System.nanoTime();
        return step == 1 || step == WARM_UP || step == WARM_UP + MEASURED;
    }

    @Override
    void done(StepDone step) {
        long now = System.nanoTime();
        if (step.step() == WARM_UP) {
            begun = now;
            load = device.isCuda() ? DeviceLoad.start(device) : null;
        } else if (step.step() == WARM_UP + MEASURED) {
            ended = now;
            busyShare = load == null ? null : load.stop();
        }
    }

    /** Mean milliseconds of a step. */
    double millis() {
        return (ended - begun) / 1e6 / MEASURED;
    }

    /** Mean milliseconds that the host takes to enqueue a step; null on the CPU, where it computes itself. */
    Double hostMillis() {
        return device.isCuda() ? (Double) ((enqueued - begun) / 1e6 / MEASURED) : null;
    }

    /** Share of the time that the device had work; null on the CPU. */
    Double busyShare() {
        return busyShare;
    }
}
