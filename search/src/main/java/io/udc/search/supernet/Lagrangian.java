package io.udc.search.supernet;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An augmented Lagrangian's term with multiplier m and penalty r (Nocedal and Wright, Numerical Optimization, chapter
 * 17). It holds a value g at 0, by m g + r g^2 / 2, or not above 0, by (max(0, m + r g)^2 - m^2) / 2r. The multiplier
 * moves at every step. Not thread-safe.
 */
final class Lagrangian {

    /** How a value is held. */
    enum Sense {
        AT_ZERO,
        AT_MOST_ZERO
    }

    /** Share of the penalty by which the multiplier moves for a violation of 1. */
    private static final double MULTIPLIER_RATE = 0.05;

    private final double penalty;
    private double multiplier;

    Lagrangian(double penalty) {
        this.penalty = penalty;
    }

    /** The term to add to the loss, for a scalar violation. */
    Tensor term(Tensor violation, Sense sense) {
        if (sense == Sense.AT_ZERO) {
            Tensor linear = violation.mul(new Scalar(multiplier));
            return linear.add(violation.mul(violation).mul(new Scalar(penalty / 2)));
        }
        Tensor force = torch.relu(violation.mul(new Scalar(penalty)).add(new Scalar(multiplier)));
        return force.mul(force).sub(new Scalar(multiplier * multiplier)).mul(new Scalar(1 / (2 * penalty)));
    }

    /** Moves the multiplier after a step that saw this violation. */
    void update(double violation, Sense sense) {
        double moved = multiplier + MULTIPLIER_RATE * penalty * violation;
        multiplier = sense == Sense.AT_ZERO ? moved : Math.max(0, moved);
    }

    double multiplier() {
        return multiplier;
    }

    void setMultiplier(double value) {
        multiplier = value;
    }
}
