package io.udc.search.train;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Sums the losses of an epoch's steps on their device, so that no step waits for its loss; reading waits for all steps
 * so far. The sum is float64 and does not depend on when it is read. Not thread-safe.
 */
public final class LossMeter implements AutoCloseable {

    private final Tensor sum;
    private long steps;
    private long stepsRead;
    private double sumRead;

    public LossMeter(Device device) {
        try (StepScope scope = StepScope.open()) {
            sum = scope.keep(Devices.place(Tensor.create(new double[1]), device));
        }
    }

    /** Counts a step's loss, a scalar. */
    public void add(Tensor loss) {
        sum.add_(loss.detach());
        steps++;
    }

    /** The mean of the losses since this was last asked for; not finite if any loss of the epoch was not. */
    public double recent() {
        double now = sum.item_double();
        double mean = (now - sumRead) / (steps - stepsRead);
        sumRead = now;
        stepsRead = steps;
        return mean;
    }

    /** The mean of all losses; 0 if there was none. */
    public double mean() {
        return sum.item_double() / Math.max(1, steps);
    }

    @Override
    public void close() {
        sum.close();
    }
}
