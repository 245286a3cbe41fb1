package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.discrete.Budget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * What the decisions' loss has beside the task: log(cost / limit) of every budget, each with a multiplier of its own.
 * A filled budget is held at its limit, as long as no other budget binds; the others are held below theirs. Not
 * thread-safe.
 */
final class Constraints implements AutoCloseable {

    /** Share of the penalty that a multiplier may reach: what was seen of them at the end of searches. */
    private static final double MOST_MULTIPLIER = 0.3;

    private final List<Budget> budgets;
    private final Lagrangian lagrangian;
    private final Tensor filled;

    /** @param device where the probabilities live */
    Constraints(List<Budget> budgets, double penalty, Device device) {
        this.budgets = List.copyOf(budgets);
        this.lagrangian = new Lagrangian(budgets.size(), penalty, MOST_MULTIPLIER * penalty, device);
        boolean[] isFilled = new boolean[budgets.size()];
        for (int i = 0; i < isFilled.length; i++) {
            isFilled[i] = budgets.get(i).filled();
        }
        try (StepScope scope = StepScope.open()) {
            filled = scope.keep(Devices.place(Tensor.create(isFilled), device));
        }
    }

    /** The sum of the terms for these probabilities, a differentiable scalar; moves the multipliers. */
    Tensor step(Tensor probabilities) {
        if (budgets.isEmpty()) {
            return probabilities.sum().mul(new Scalar(0));
        }
        TensorVector violations = new TensorVector();
        for (Budget budget : budgets) {
            violations.push_back(
                    budget.cost().expected(probabilities).div(new Scalar(budget.limit())).log());
        }
        return lagrangian.step(torch.stack(violations), floors());
    }

    /** No floor under the filled budgets that no other budget's multiplier speaks against. */
    private Tensor floors() {
        Tensor binds = lagrangian.tensor().gt(new Scalar(0)).to(torch.ScalarType.Int);
        Tensor othersBind = binds.sum().sub(binds).gt(new Scalar(0));
        Tensor atLimit = filled.logical_and(othersBind.logical_not());
        return torch.zeros_like(lagrangian.tensor()).masked_fill_(atLimit, new Scalar(Lagrangian.NO_FLOOR));
    }

    /** The multiplier of each budget, by the name of its cost. */
    Map<String, Double> multipliers() {
        List<Double> all = toList();
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = 0; i < budgets.size(); i++) {
            values.put(budgets.get(i).cost().name(), all.get(i));
        }
        return values;
    }

    /** The state to save. */
    List<Double> toList() {
        return lagrangian.multipliers();
    }

    void restore(List<Double> saved) {
        lagrangian.restore(saved);
    }

    @Override
    public void close() {
        lagrangian.close();
        filled.close();
    }
}
