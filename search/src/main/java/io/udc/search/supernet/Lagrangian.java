package io.udc.search.supernet;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An augmented Lagrangian's term that holds a value g at 0: m g + r g^2 / 2 with multiplier m and penalty r (Nocedal
 * and Wright, Numerical Optimization, chapter 17). The multiplier moves at every step. Not thread-safe.
 */
final class Lagrangian {

    /** Share of the penalty by which the multiplier moves for a violation of 1. */
    private static final double MULTIPLIER_RATE = 0.05;

    private final double penalty;
    private double multiplier;

    Lagrangian(double penalty) {
        this.penalty = penalty;
    }

    /** The term to add to the loss, for a scalar violation. */
    Tensor term(Tensor violation) {
        Tensor linear = violation.mul(new Scalar(multiplier));
        return linear.add(violation.mul(violation).mul(new Scalar(penalty / 2)));
    }

    /** Moves the multiplier after a step that saw this violation. */
    void update(double violation) {
        multiplier += MULTIPLIER_RATE * penalty * violation;
    }

    double multiplier() {
        return multiplier;
    }

    void setMultiplier(double value) {
        multiplier = value;
    }
}
