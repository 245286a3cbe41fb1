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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The networks of a space as an integer program for OR-Tools' CP-SAT. Every option of a decision is a literal, and
 * every form that a layer may have, its widths, kernel, bits and sparsity together, is another. A network's cost is
 * then a sum over forms, so that the program's linear relaxation is tight: the likeliest network among those of 41
 * decisions that were hardly made (space {@code shapes}) was proven in 1.5 s, where an element constraint for each layer
 * had left a gap after 100 s. Not thread-safe.
 */
final class NetworkProgram {

    /** The solver's own measure of work, which is the same on every machine. */
    private static final double WORK = 20;

    /** The relaxation holds all constraints. */
    private static final int ALL_LINEAR = 2;

    /** One form of a layer, and the literal that is true if the network's layer has it. */
    private record Form(LayerOptions options, BoolVar chosen) {}

    private final SpaceGraph graph;
    private final CpModel model = new CpModel();
    private final List<BoolVar[]> choices = new ArrayList<>();
    private final List<List<Form>> forms = new ArrayList<>();

    NetworkProgram(SpaceGraph graph) {
        Loader.loadNativeLibraries();
        this.graph = graph;
        for (Decision decision : graph.decisions()) {
            BoolVar[] options = new BoolVar[decision.options()];
            for (int option = 0; option < options.length; option++) {
                options[option] = model.newBoolVar(decision.name() + "=" + option);
            }
            model.addExactlyOne(options);
            choices.add(options);
        }
        graph.layers().forEach(layer -> forms.add(addForms(layer)));
    }

    private List<Form> addForms(SearchLayer layer) {
        boolean tied = !layer.in().isFixed() && layer.in().decision() == layer.out().decision();
        int inputs = tied ? 1 : layer.in().options().size();
        List<Form> all = new ArrayList<>();
        for (int in = 0; in < inputs; in++) {
            for (int out = 0; out < layer.out().options().size(); out++) {
                for (int kernel = 0; kernel < layer.kernel().options().size(); kernel++) {
                    for (int bits = 0; bits < graph.space().weightBits().size(); bits++) {
                        for (int sparsity = 0; sparsity < graph.space().sparsities().size(); sparsity++) {
                            LayerOptions options =
                                    new LayerOptions(tied ? out : in, out, kernel, bits, sparsity);
                            all.add(new Form(options, model.newBoolVar(layer.name() + "=" + all.size())));
                        }
                    }
                }
            }
        }
        tie(layer, all);
        return all;
    }

    /** The network's layer has one of the forms, that of its options, or none where the network lacks the layer. */
    private void tie(SearchLayer layer, List<Form> all) {
        List<Literal> uses = uses(layer);
        formsByOption(layer, all).forEach((option, having) -> {
            LinearExpr sum = LinearExpr.sum(having.toArray(Literal[]::new));
            if (uses.isEmpty()) {
                model.addEquality(sum, option);
            } else {
                model.addLessOrEqual(sum, option);
            }
        });
        LinearExpr used = LinearExpr.sum(all.stream().map(Form::chosen).toArray(Literal[]::new));
        LinearExprBuilder least = LinearExpr.newBuilder().add(1 - uses.size()); // 1 if all uses are true
        for (Literal use : uses) {
            model.addLessOrEqual(used, use);
            least.add(use);
        }
        model.addLessOrEqual(used, 1);
        model.addGreaterOrEqual(used, least);
    }

    /** The literals that must all be true for the network to have the layer. */
    private List<Literal> uses(SearchLayer layer) {
        List<Literal> uses = new ArrayList<>();
        if (layer.depth() != Extent.FIXED) {
            uses.add(choices.get(layer.depth())[Decision.KEEP]);
        }
        if (layer.operator() != Extent.FIXED) {
            uses.add(choices.get(layer.operator())[layer.operatorOption()]);
        }
        return uses;
    }

    /** For every option that makes a difference to the layer, the forms that have it. */
    private Map<Literal, List<Literal>> formsByOption(SearchLayer layer, List<Form> all) {
        Map<Literal, List<Literal>> byOption = new LinkedHashMap<>();
        for (Form form : all) {
            LayerOptions options = form.options();
            Map<Integer, Integer> chosen = new LinkedHashMap<>();
            chosen.put(layer.in().decision(), options.in());
            chosen.put(layer.out().decision(), options.out());
            chosen.put(layer.kernel().decision(), options.kernel());
            chosen.put(layer.bits(), options.bits());
            chosen.put(layer.sparsity(), options.sparsity());
            chosen.remove(Extent.FIXED);
            chosen.forEach((decision, option) -> byOption
                    .computeIfAbsent(choices.get(decision)[option], unseen -> new ArrayList<>())
                    .add(form.chosen()));
        }
        return byOption;
    }

    /**
     * The network's cost in whole units.
     *
     * @param unit one unit in the cost's own; figures of layers are rounded up to it
     */
    LinearArgument total(CostModel cost, double unit) {
        List<LinearArgument> figures = new ArrayList<>();
        for (SearchLayer layer : graph.layers()) {
            LinearExprBuilder figure = LinearExpr.newBuilder();
            for (Form form : forms.get(layer.index())) {
                figure.addTerm(form.chosen(), (long) Math.ceil(cost.ofLayer(layer, form.options()) / unit));
            }
            figures.add(figure);
        }
        LinearArgument[] all = figures.toArray(LinearArgument[]::new);
        if (cost.aggregation() == CostModel.Aggregation.SUM) {
            return LinearExpr.sum(all);
        }
        IntVar peak = model.newIntVar(0, Integer.MAX_VALUE, cost.name());
        model.addMaxEquality(peak, all);
        return peak;
    }

    /** Demands a total of so many units. */
    void demand(LinearArgument total, long least, long most) {
        model.addLinearConstraint(total, least, most);
    }

    void minimize(LinearArgument total) {
        model.minimize(total);
    }

    /**
     * Wants the largest sum of the chosen options' values.
     *
     * @param units in which a value of 1 is counted
     */
    void maximize(SpaceGraph.OptionValue value, double units) {
        LinearExprBuilder objective = LinearExpr.newBuilder();
        for (Decision decision : graph.decisions()) {
            for (int option = 0; option < decision.options(); option++) {
                objective.addTerm(choices.get(decision.index())[option],
                        Math.round(value.of(decision, option) * units));
            }
        }
        model.maximize(objective);
    }

    /** The best network that the solver finds; nothing if there is none. The same on every machine. */
    Optional<Choices> solve() {
        CpSolver solver = new CpSolver();
        solver.getParameters()
                .setMaxDeterministicTime(WORK)
                .setLinearizationLevel(ALL_LINEAR)
                .setNumWorkers(1)
                .setCatchSigintSignal(false) // or the program's own handling of Ctrl-C would be lost
                .setRandomSeed(1);
        CpSolverStatus status = solver.solve(model);
        if (status != CpSolverStatus.OPTIMAL && status != CpSolverStatus.FEASIBLE) {
            return Optional.empty();
        }
        return Optional.of(graph.choose((decision, option) ->
                solver.booleanValue(choices.get(decision.index())[option]) ? 1 : 0));
    }
}
