package io.udc.search.supernet;

import io.udc.search.discrete.Budget;
import io.udc.search.supernet.Lagrangian.Sense;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What the decisions' loss has beside the task: log(cost / limit) of every budget, each with a multiplier of its own.
 * A filled budget is held at its limit, as long as no other budget binds; the others are held below theirs. Not
 * thread-safe.
 */
final class Constraints {

    private final List<Budget> budgets;
    private final List<Lagrangian> multipliers = new ArrayList<>();

    Constraints(List<Budget> budgets, double penalty) {
        this.budgets = List.copyOf(budgets);
        budgets.forEach(budget -> multipliers.add(new Lagrangian(penalty)));
    }

    /** The sum of the terms for these probabilities, a differentiable scalar; moves the multipliers. */
    Tensor step(Tensor probabilities) {
        Tensor sum = probabilities.sum().mul(new Scalar(0));
        for (int i = 0; i < budgets.size(); i++) {
            Budget budget = budgets.get(i);
            Tensor violation = budget.cost().expected(probabilities).div(new Scalar(budget.limit())).log();
            Sense sense = budget.filled() && !othersBind(i) ? Sense.AT_ZERO : Sense.AT_MOST_ZERO;
            sum = sum.add(multipliers.get(i).term(violation, sense));
            multipliers.get(i).update(violation.item_double(), sense);
        }
        return sum;
    }

    private boolean othersBind(int index) {
        for (int i = 0; i < multipliers.size(); i++) {
            if (i != index && multipliers.get(i).multiplier() > 0) {
                return true;
            }
        }
        return false;
    }

    /** The multiplier of each budget, by the name of its cost. */
    Map<String, Double> multipliers() {
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < budgets.size(); i++) {
            values.put(budgets.get(i).cost().name(), multipliers.get(i).multiplier());
        }
        return values;
    }

    /** The state to save. */
    List<Double> toList() {
        return multipliers.stream().map(Lagrangian::multiplier).toList();
    }

    void restore(List<Double> saved) {
        for (int i = 0; i < saved.size(); i++) {
            multipliers.get(i).setMultiplier(saved.get(i));
        }
    }
}
