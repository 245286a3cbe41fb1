package io.udc.search.discrete;

import com.google.ortools.Loader;
import com.google.ortools.sat.BoolVar;
import com.google.ortools.sat.CpModel;
import com.google.ortools.sat.CpSolver;
import com.google.ortools.sat.CpSolverStatus;
import com.google.ortools.sat.IntVar;
import com.google.ortools.sat.LinearArgument;
import com.google.ortools.sat.LinearExpr;
import com.google.ortools.sat.LinearExprBuilder;
import com.google.ortools.sat.Literal;
import io.udc.search.cost.CostModel;
import io.udc.search.cost.LayerOptions;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.ArrayList;
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
    private static final double BUDGET_UNITS = 1 << 20;

    /** The solver's own measure of work, which is the same on every machine. */
    private static final double WORK = 20;

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
        Model model = new Model(budgets);
        for (int i = 0; i < budgets.size(); i++) {
            if (budgets.get(i).filled()) {
                model.cp.addGreaterOrEqual(model.totals.get(i), Math.round(leastUse * BUDGET_UNITS));
            }
        }
        LinearExprBuilder objective = LinearExpr.newBuilder();
        for (Decision decision : graph.decisions()) {
            for (int option = 0; option < decision.options(); option++) {
                double log = Math.max(LEAST_LOG, Math.log(probabilities[decision.index()][option]));
                objective.addTerm(model.literals.get(decision.index())[option], Math.round(log * BUDGET_UNITS));
            }
        }
        model.cp.maximize(objective);
        return model.solve();
    }

    /**
     * The network with the least of a cost within the budgets; nothing if there is none.
     */
    public Optional<Choices> cheapest(CostModel cost) {
        return verified(() -> {
            List<Budget> all = new ArrayList<>(budgets);
            all.add(new Budget(cost, cost.of(graph, graph.widest()), false));
            Model model = new Model(all, budgets.size());
            model.cp.minimize(model.totals.get(budgets.size()));
            return model.solve();
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

    /** The constraint program: a literal for each option, an element constraint for each layer and cost. */
    private final class Model {
        private final CpModel cp = new CpModel();
        private final List<BoolVar[]> literals = new ArrayList<>();
        private final List<IntVar> values = new ArrayList<>();
        private final List<LinearArgument> totals = new ArrayList<>();

        /** All budgets as constraints. */
        Model(List<Budget> budgets) {
            this(budgets, budgets.size());
        }

        /** @param limits number of budgets, from the first, that are constraints; the others are only counted */
        Model(List<Budget> budgets, int limits) {
            Loader.loadNativeLibraries();
            for (Decision decision : graph.decisions()) {
                addDecision(decision);
            }
            for (int i = 0; i < budgets.size(); i++) {
                addTotal(budgets.get(i));
                if (i < limits) {
                    cp.addLessOrEqual(totals.get(i), Math.round(BUDGET_UNITS));
                }
            }
        }

        private void addDecision(Decision decision) {
            BoolVar[] options = new BoolVar[decision.options()];
            LinearExprBuilder index = LinearExpr.newBuilder();
            for (int option = 0; option < options.length; option++) {
                options[option] = cp.newBoolVar(decision.name() + "=" + option);
                index.addTerm(options[option], option);
            }
            cp.addExactlyOne(options);
            IntVar value = cp.newIntVar(0, options.length - 1, decision.name());
            cp.addEquality(value, index);
            literals.add(options);
            values.add(value);
        }

        /** Adds the network's cost, in units of which the limit has {@link #BUDGET_UNITS}. */
        private void addTotal(Budget budget) {
            double unit = budget.limit() / BUDGET_UNITS;
            IntVar[] figures = graph.layers().stream()
                    .map(layer -> addLayer(budget.cost(), layer, unit))
                    .toArray(IntVar[]::new);
            if (budget.cost().aggregation() == CostModel.Aggregation.SUM) {
                totals.add(LinearExpr.sum(figures));
            } else {
                IntVar peak = cp.newIntVar(0, Integer.MAX_VALUE, budget.cost().name());
                cp.addMaxEquality(peak, figures);
                totals.add(peak);
            }
        }

        /** A variable for the layer's figure, 0 where the network does not have the layer. */
        private IntVar addLayer(CostModel cost, SearchLayer layer, double unit) {
            List<Extent> axes = new ArrayList<>();
            boolean tied = layer.in().decision() == layer.out().decision() && !layer.in().isFixed();
            axes.add(tied ? Extent.fixed(1) : layer.in());
            axes.add(layer.out());
            axes.add(layer.kernel());
            int bits = graph.space().weightBits().size();
            int sparsities = graph.space().sparsities().size();
            List<Long> table = new ArrayList<>();
            for (int in = 0; in < axes.get(0).options().size(); in++) {
                for (int out = 0; out < axes.get(1).options().size(); out++) {
                    for (int kernel = 0; kernel < axes.get(2).options().size(); kernel++) {
                        for (int cell = 0; cell < bits * sparsities; cell++) {
                            LayerOptions options = new LayerOptions(
                                    tied ? out : in, out, kernel, cell / sparsities, cell % sparsities);
                            table.add((long) Math.ceil(cost.ofLayer(layer, options) / unit));
                        }
                    }
                }
            }
            LinearExprBuilder index = LinearExpr.newBuilder();
            long stride = (long) bits * sparsities;
            for (int axis = 2; axis >= 0; axis--) {
                if (!axes.get(axis).isFixed()) {
                    index.addTerm(values.get(axes.get(axis).decision()), stride);
                }
                stride *= axes.get(axis).options().size();
            }
            index.addTerm(values.get(layer.bits()), sparsities);
            index.add(values.get(layer.sparsity()));
            return gated(layer, index, table.stream().mapToLong(Long::longValue).toArray());
        }

        private IntVar gated(SearchLayer layer, LinearArgument index, long[] table) {
            long most = 0;
            for (long value : table) {
                most = Math.max(most, value);
            }
            IntVar looked = cp.newIntVar(0, most, layer.name());
            IntVar cell = cp.newIntVar(0, table.length - 1, layer.name() + " cell");
            cp.addEquality(cell, index);
            cp.addElement(cell, table, looked);
            List<Literal> uses = new ArrayList<>();
            if (layer.depth() != Extent.FIXED) {
                uses.add(literals.get(layer.depth())[Decision.KEEP]);
            }
            if (layer.operator() != Extent.FIXED) {
                uses.add(literals.get(layer.operator())[layer.operatorOption()]);
            }
            if (uses.isEmpty()) {
                return looked;
            }
            IntVar figure = cp.newIntVar(0, most, layer.name() + " if used");
            cp.addEquality(figure, looked).onlyEnforceIf(uses.toArray(Literal[]::new));
            for (Literal use : uses) {
                cp.addEquality(figure, 0).onlyEnforceIf(use.not());
            }
            return figure;
        }

        Optional<Choices> solve() {
            CpSolver solver = new CpSolver();
            solver.getParameters().setMaxDeterministicTime(WORK).setNumWorkers(1).setRandomSeed(1);
            CpSolverStatus status = solver.solve(cp);
            if (status != CpSolverStatus.OPTIMAL && status != CpSolverStatus.FEASIBLE) {
                return Optional.empty();
            }
            int[] options = new int[values.size()];
            for (int i = 0; i < options.length; i++) {
                options[i] = Math.toIntExact(solver.value(values.get(i)));
            }
            return Optional.of(new Choices(options));
        }
    }
}
