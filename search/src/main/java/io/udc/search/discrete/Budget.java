package io.udc.search.discrete;

import io.udc.search.cost.CostModel;

/**
 * A limit on a cost.
 *
 * @param cost what is limited
 * @param limit the greatest allowed value, in the cost's own unit
 */
public record Budget(CostModel cost, double limit) {

    public Budget {
        if (!(limit > 0)) {
            throw new IllegalArgumentException(cost.name() + ": found a limit of " + limit + ", expected above 0");
        }
    }
}
