package io.udc.search.sweep;

import io.udc.units.ByteSize;
import java.util.List;

/**
 * What a sweep is made of: sweep.json.
 *
 * @param budgets limits of the encoded bytes, at least one
 * @param seeds of the runs, at least one
 * @param searched whether networks are searched for
 * @param grid the uniform networks that are trained for every budget
 */
public record SweepPlan(List<ByteSize> budgets, List<Long> seeds, boolean searched, UniformGrid grid) {

    public SweepPlan {
        budgets = budgets.stream().distinct().sorted().toList();
        seeds = seeds.stream().distinct().sorted().toList();
        if (budgets.isEmpty() || seeds.isEmpty()) {
            throw new IllegalArgumentException("a sweep needs a budget and a seed");
        }
    }
}
