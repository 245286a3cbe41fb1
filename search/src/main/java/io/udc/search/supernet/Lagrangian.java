package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An augmented Lagrangian's terms for several values, with a multiplier m each and one penalty r (Nocedal and Wright,
 * Numerical Optimization, chapter 17). A term holds its value g at 0, by m g + r g^2 / 2, or not above 0, by
 * (max(0, m + r g)^2 - m^2) / 2r; the first is the second without the maximum. The multipliers are float64 on the
 * device of the values and move at every step; nothing of a step waits for the device. Not thread-safe.
 *
 * <p>Multipliers are bounded. While two values cannot both be held (a budget far above what undecided networks take, and
 * a schedule that wants them undecided), their multipliers would grow against each other, and the one that falls more
 * slowly would carry its value far past the aim afterwards: control theory's integrator windup.
 */
final class Lagrangian implements AutoCloseable {

    /** Share of the penalty by which a multiplier moves for a violation of 1. */
    private static final double MULTIPLIER_RATE = 0.05;

    /** The floor under the force of a value that is held at 0. */
    static final double NO_FLOOR = Double.NEGATIVE_INFINITY;

    private final int count;
    private final double penalty;
    private final double most;
    private final Tensor multipliers;
    private final Tensor noFloors;

    /**
     * @param count of the values, from 0
     * @param most that a multiplier may become, and as far below 0
     * @param device where the values live
     */
    Lagrangian(int count, double penalty, double most, Device device) {
        this.count = count;
        this.penalty = penalty;
        this.most = most;
        try (StepScope scope = StepScope.open()) {
            multipliers = scope.keep(place(Collections.nCopies(count, 0.0), device));
            noFloors = scope.keep(place(Collections.nCopies(count, NO_FLOOR), device));
        }
    }

    private static Tensor place(List<Double> values, Device device) {
        return Devices.place(Tensor.create(values.stream().mapToDouble(value -> value).toArray()), device);
    }

    /** {@link #step(Tensor, Tensor)} for values that are all held at 0. */
    Tensor step(Tensor violations) {
        return step(violations, noFloors);
    }

    /**
     * The sum of the terms to add to the loss, a differentiable float64 scalar; moves the multipliers by what it saw.
     *
     * @param violations the values, [count]
     * @param floors float64 [count]: 0 for a value that is held not above 0, {@link #NO_FLOOR} for one held at 0
     */
    Tensor step(Tensor violations, Tensor floors) {
        Tensor force = multipliers.add(violations, new Scalar(penalty)).maximum(floors);
        Tensor terms = force.mul(force).sub(multipliers.mul(multipliers)).mul(new Scalar(1 / (2 * penalty)));
        try (NoGradient off = NoGradient.open()) {
            multipliers.add_(violations, new Scalar(MULTIPLIER_RATE * penalty));
            multipliers.clamp_min_(new Scalar(-most)).clamp_max_(new Scalar(most)).clamp_min_(floors);
        }
        return terms.sum();
    }

    /** The multipliers on the device, float64 [count]; they move with the next step. */
    Tensor tensor() {
        return multipliers;
    }

    /** The multipliers as plain numbers; waits for the device. */
    List<Double> multipliers() {
        double[] values = new double[count];
        try (StepScope scope = StepScope.open()) {
            new DoublePointer(multipliers.cpu().data_ptr()).get(values);
        }
        List<Double> list = new ArrayList<>();
        for (double value : values) {
            list.add(value);
        }
        return list;
    }

    /** Goes back to saved multipliers. */
    void restore(List<Double> saved) {
        try (StepScope scope = StepScope.open()) {
            multipliers.copy_(place(saved, Device.CPU));
        }
    }

    @Override
    public void close() {
        multipliers.close();
        noFloors.close();
    }
}
