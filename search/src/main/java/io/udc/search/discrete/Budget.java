package io.udc.search.discrete;

import io.udc.search.cost.CostModel;

/**
 * A limit on a cost.
 *
 * @param cost what is limited
 * @param limit the greatest allowed value, in the cost's own unit
 * @param filled whether it is to be used up as far as the other limits allow
 */
public record Budget(CostModel cost, double limit, boolean filled) {

    public Budget {
        if (!(limit > 0)) {
            throw new IllegalArgumentException(cost.name() + ": found a limit of " + limit + ", expected above 0");
        }
    }

    /** Whether a value is within the limit. */
    public boolean admits(double value) {
        return value <= limit;
    }

    /** The same with another limit. */
    public Budget withLimit(double other) {
        return new Budget(cost, other, filled);
    }
}
