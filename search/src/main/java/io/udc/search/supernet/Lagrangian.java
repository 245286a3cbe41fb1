package io.udc.search.supernet;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * An augmented Lagrangian's term for one constraint: for g &lt;= 0 it is (max(0, m + r g)^2 - m^2) / 2r with
 * multiplier m and penalty r, for g = 0 it is m g + r g^2 / 2 (Nocedal and Wright, Numerical Optimization, chapter
 * 17). The multiplier moves at every step. Not thread-safe.
 */
final class Lagrangian {

    /** Share of the penalty by which the multiplier moves for a violation of 1. */
    private static final double MULTIPLIER_RATE = 0.05;

    private final boolean equality;
    private final double penalty;
    private double multiplier;

    private Lagrangian(boolean equality, double penalty) {
        this.equality = equality;
        this.penalty = penalty;
    }

    /** Holds a value at or below 0. */
    static Lagrangian atMostZero(double penalty) {
        return new Lagrangian(false, penalty);
    }

    /** Holds a value at 0. */
    static Lagrangian zero(double penalty) {
        return new Lagrangian(true, penalty);
    }

    /** The term to add to the loss, for a scalar violation. */
    Tensor term(Tensor violation) {
        if (equality) {
            Tensor linear = violation.mul(new Scalar(multiplier));
            return linear.add(violation.mul(violation).mul(new Scalar(penalty / 2)));
        }
        Tensor pressure = torch.relu(violation.mul(new Scalar(penalty)).add(new Scalar(multiplier)));
        return pressure.mul(pressure).mul(new Scalar(1 / (2 * penalty)));
    }

    /** Moves the multiplier after a step that saw this violation. */
    void update(double violation) {
        multiplier += MULTIPLIER_RATE * penalty * violation;
        if (!equality) {
            multiplier = Math.max(0, multiplier);
        }
    }

    double multiplier() {
        return multiplier;
    }

    void setMultiplier(double value) {
        multiplier = value;
    }
}
