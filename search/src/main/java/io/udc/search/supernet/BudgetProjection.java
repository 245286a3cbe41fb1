package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.discrete.Budget;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The nearest decisions, by Kullback-Leibler divergence, whose expected costs are at the budgets: where a search ends
 * before its multipliers have brought it there, what it prefers is kept as far as the budgets allow.
 *
 * <p>They are the searched logits minus force times gradient of log(cost) by the probabilities, summed over the budgets.
 * In steps of the logits this is mirror descent; other than a gradient by the logits it does not fade when the decisions
 * are all but made. A force is a multiplier plus a penalty on what is missed now, as in an augmented Lagrangian; the
 * penalty grows while a cost stays on one side of its budget, and shrinks when it crosses it.
 */
final class BudgetProjection {

    /** Difference from its limit, as a share, at which an expected cost is at its budget. */
    static final double TOLERANCE = 0.005;

    private static final int MOST_STEPS = 800;
    private static final double FIRST_PENALTY = 1;
    private static final double GROWTH = 1.1;
    private static final double SHRINKAGE = 0.7;

    /** Bounds a penalty where a budget is out of reach: it outweighs whatever logits hold. */
    private static final double GREATEST_PENALTY = 1e5;

    /** Share of a penalty that its multiplier keeps of each step. */
    private static final double KEPT = 0.2;

    /** Share of the way to the new logits that a step goes: gradients change with the probabilities. */
    private static final double PACE = 0.2;

    private final List<Budget> budgets;
    private final Device device;

    /** @param device where the decisions live */
    BudgetProjection(List<Budget> budgets, Device device) {
        this.budgets = List.copyOf(budgets);
        this.device = device;
    }

    /**
     * Changes the decisions' logits; not at all if their costs are at the budgets already.
     *
     * @return whether all expected costs are at their budgets now
     */
    boolean apply(DecisionTable decisions) {
        double[] multipliers = new double[budgets.size()];
        double[] penalties = new double[budgets.size()];
        double[] sides = new double[budgets.size()];
        Arrays.fill(penalties, FIRST_PENALTY);
        try (StepScope scope = StepScope.open()) {
            Tensor searched = decisions.logits().detach().clone();
            for (int step = 0; step < MOST_STEPS; step++) {
                double[] forces = multipliers.clone();
                double[] violations = move(decisions, searched, forces, penalties);
                if (violations == null) {
                    return true;
                }
                for (int i = 0; i < multipliers.length; i++) {
                    double side = Math.signum(violations[i]);
                    penalties[i] *= side == sides[i] ? GROWTH : SHRINKAGE;
                    penalties[i] = Math.min(GREATEST_PENALTY, Math.max(FIRST_PENALTY, penalties[i]));
                    sides[i] = side;
                    multipliers[i] += KEPT * (forces[i] - multipliers[i]);
                }
            }
        }
        return false;
    }

    /**
     * Moves the logits towards those of the forces.
     *
     * @param forces the multipliers; becomes what the logits were moved by
     * @return log(expected cost / limit) by budget before the move; null, and the logits stay, if all costs are at their
     *     budgets
     */
    private double[] move(DecisionTable decisions, Tensor searched, double[] forces, double[] penalties) {
        try (StepScope scope = StepScope.open()) {
            Tensor p = decisions.probabilities().detach();
            p.set_requires_grad(true);
            Tensor logarithms = violations(p);
            double[] violations = new double[budgets.size()];
            new DoublePointer(logarithms.cpu().data_ptr()).get(violations);
            boolean[] held = held(forces);
            boolean within = true;
            for (int i = 0; i < forces.length; i++) {
                within &= violations[i] <= TOLERANCE && (!held[i] || violations[i] >= -TOLERANCE);
                double force = forces[i] + penalties[i] * violations[i];
                forces[i] = held[i] ? force : Math.max(0, force);
            }
            if (within) {
                return null;
            }
            logarithms.dot(Devices.place(Tensor.create(forces), device)).backward();
            try (NoGradient off = NoGradient.open()) {
                decisions.logits().lerp_(searched.sub(p.grad()), new Scalar(PACE));
            }
            return violations;
        }
    }

    /** log(expected cost / limit) by budget, float64. */
    private Tensor violations(Tensor probabilities) {
        TensorVector values = new TensorVector();
        budgets.forEach(budget -> values.push_back(
                budget.cost().expected(probabilities).div(new Scalar(budget.limit())).log()));
        return torch.stack(values).to(torch.ScalarType.Double);
    }

    /** Which costs are to be at their limits and not merely below: those to be filled, where no other limit binds. */
    private boolean[] held(double[] multipliers) {
        boolean[] held = new boolean[multipliers.length];
        for (int i = 0; i < held.length; i++) {
            int budget = i;
            held[i] = budgets.get(i).filled()
                    && IntStream.range(0, held.length).noneMatch(other -> other != budget && multipliers[other] > 0);
        }
        return held;
    }
}
