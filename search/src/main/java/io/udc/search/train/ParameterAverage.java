package io.udc.search.train;

import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A moving average of all parameters, which replaces them at the end of a stage. Not thread-safe. */
final class ParameterAverage {

    private final ParameterStore store;
    private final double decay;
    private final Tensor average;
    private long updates;

    /** @param decay 0 for no average at all */
    ParameterAverage(ParameterStore store, double decay, Device device) {
        this.store = store;
        this.decay = decay;
        this.average = decay > 0 ? store.flat(store.values().numel(), torch.ScalarType.Float, device) : null;
    }

    /** The average; null if there is none. */
    Tensor tensor() {
        return average;
    }

    long updates() {
        return updates;
    }

    /** Continues after a number of updates. */
    void resume(long done) {
        updates = done;
    }

    /** Starts anew. */
    void start() {
        updates = 0;
    }

    /** Follows the parameters; young averages follow faster. Needs a scope that is open. */
    void update() {
        if (average != null) {
            updates++;
            double follow = 1 - Math.min(decay, updates / (updates + 9.0));
            average.lerp_(store.values(), new Scalar(updates == 1 ? 1 : follow));
        }
    }

    /** Replaces the parameters by their average; tells whether there is one. */
    @SuppressWarnings("try")
    boolean take() {
        if (average == null || updates == 0) {
            return false;
        }
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            store.values().copy_(average);
        }
        return true;
    }
}
