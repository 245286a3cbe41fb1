package io.udc.search.discrete;

import com.google.ortools.sat.LinearArgument;
import io.udc.search.cost.CostModel;
import io.udc.search.space.Choices;
import io.udc.search.space.SpaceGraph;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Finds the likeliest network within all budgets: maximises sum log p(choice) subject to the costs' exact figures,
 * coupled widths included (DESIGN section 5), by OR-Tools' CP-SAT. Not thread-safe.
 *
 * <p>Networks that use at least 99% of the filled budgets are taken if there are any, or else 97%. Where a network
 * measures more than its layers' figures say, they are raised to it and the solver is asked again.
 */
public final class Discretizer {

    /** Below this log-probability options count as equally unlikely. */
    private static final double LEAST_LOG = -12;

    /** Integer units of a whole budget in the constraints, and of one nat in the objective. */
    private static final long UNITS = 1 << 20;

    private static final int ATTEMPTS = 16;

    /** Shares of a budget that is to be filled, tried in turn. */
    private static final double[] LEAST_USES = {0.99, 0.97, 0};

    private final SpaceGraph graph;
    private final List<Budget> budgets;

    public Discretizer(SpaceGraph graph, List<Budget> budgets) {
        this.graph = graph;
        this.budgets = List.copyOf(budgets);
    }

    /**
     * The likeliest network within the budgets; nothing if there is none.
     *
     * @param probabilities by decision and option
     */
    public Optional<Choices> likeliest(double[][] probabilities) {
        for (double leastUse : LEAST_USES) {
            Optional<Choices> filling = verified(() -> likeliest(probabilities, leastUse));
            if (filling.isPresent()) {
                return filling;
            }
        }
        return Optional.empty();
    }

    private Optional<Choices> likeliest(double[][] probabilities, double leastUse) {
        NetworkProgram program = new NetworkProgram(graph);
        program.maximize(
                (decision, option) -> Math.max(LEAST_LOG, Math.log(probabilities[decision.index()][option])),
                UNITS);
        for (Budget budget : budgets) {
            double least = budget.filled() ? leastUse : 0;
            program.demand(total(program, budget), Math.round(least * UNITS), UNITS);
        }
        return program.solve();
    }

    /** A cost in units of which its limit has {@link #UNITS}. */
    private static LinearArgument total(NetworkProgram program, Budget budget) {
        return program.total(budget.cost(), budget.limit() / UNITS);
    }

    /**
     * The network with the least of a cost within the budgets; nothing if there is none.
     */
    public Optional<Choices> cheapest(CostModel cost) {
        return verified(() -> {
            NetworkProgram program = new NetworkProgram(graph);
            program.minimize(program.total(cost, cost.of(graph, graph.widest()) / UNITS));
            budgets.forEach(budget -> program.demand(total(program, budget), 0, UNITS));
            return program.solve();
        });
    }

    /** Solves until the network that comes out is within the budgets by measure, too. */
    private Optional<Choices> verified(Supplier<Optional<Choices>> solve) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Choices> found = solve.get();
            if (found.isEmpty()) {
                return found;
            }
            List<Budget> broken = budgets.stream()
                    .filter(budget -> !budget.admits(budget.cost().measured(found.get())))
                    .toList();
            if (broken.isEmpty()) {
                return found;
            }
            // The figures only rise, so that no network is found again.
            broken.forEach(budget -> budget.cost().raiseTo(found.get()));
        }
        return Optional.empty();
    }
}
