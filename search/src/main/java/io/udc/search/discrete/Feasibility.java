package io.udc.search.discrete;

import io.udc.InputException;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.CostModel;
import io.udc.search.space.Choices;
import io.udc.search.space.SpaceGraph;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * What the networks of a space reach, known before any training: the range of every limited quantity, and whether
 * the limits can be kept together. Bytes count as the most that they can turn out to be. Immutable.
 */
public final class Feasibility {

    /** A limit so near to the least that is reachable is aimed at as it is. */
    private static final double LEAST_ROOM = 1.001;

    private final SpaceGraph graph;
    private final Map<LimitKind, CostModel> costs;
    private final Map<LimitKind, Double> limits;
    private final Map<LimitKind, Choices> cheapest = new EnumMap<>(LimitKind.class);
    private final Map<LimitKind, Double> least = new EnumMap<>(LimitKind.class);

    /**
     * @param costs the model of every quantity that is limited
     */
    public Feasibility(SpaceGraph graph, Map<LimitKind, CostModel> costs, Limits limits) {
        this.graph = graph;
        this.costs = costs;
        this.limits = limits.all();
        for (LimitKind kind : this.limits.keySet()) {
            CostModel cost = costs.get(kind);
            Choices network = new Discretizer(graph, List.of()).cheapest(cost)
                    .orElseThrow(() -> new IllegalStateException("the space holds no network"));
            cheapest.put(kind, network);
            least.put(kind, cost instanceof BytesCost bytes
                    ? Math.ceil(bytes.bound(network))
                    : cost.measured(network));
        }
    }

    /** The ranges of the limited quantities, such as {@code bytes from 1403 bytes to 74040 bytes}. */
    public String ranges() {
        StringJoiner ranges = new StringJoiner("; ");
        least.forEach((kind, value) -> ranges.add(kind.label() + " from " + kind.display(value) + " to "
                + kind.display(costs.get(kind).measured(graph.widest()))));
        return ranges.toString();
    }

    /**
     * Makes sure that there are networks within the limits.
     *
     * @throws InputException that names a limit that cannot be kept, and the nearest that can
     */
    public void check() {
        limits.forEach((kind, limit) -> {
            if (limit < least.get(kind)) {
                throw new InputException(kind.flag() + ": found " + kind.display(limit) + ", expected at least "
                        + kind.display(least.get(kind)) + ", the least that is reachable whatever the weights turn "
                        + "out to be");
            }
        });
        if (cheapest.values().stream().noneMatch(this::isWithinAll)) {
            checkTogether();
        }
    }

    private boolean isWithinAll(Choices network) {
        return exactBudgets().stream().allMatch(budget -> budget.admits(budget.cost().measured(network)));
    }

    private void checkTogether() {
        List<LimitKind> kinds = new ArrayList<>(limits.keySet());
        List<Budget> earlier = new ArrayList<>();
        for (LimitKind kind : kinds) {
            CostModel cost = costs.get(kind);
            double nearest = new Discretizer(graph, earlier).cheapest(cost)
                    .map(cost::measured)
                    .orElseThrow(() -> new InputException("no network keeps all limits"));
            if (limits.get(kind) < nearest) {
                StringJoiner others = new StringJoiner(" and ");
                earlier.forEach(budget -> {
                    LimitKind other = kinds.get(earlier.indexOf(budget));
                    others.add(other.flag() + " " + other.display(budget.limit()));
                });
                throw new InputException(kind.flag() + ": found " + kind.display(limits.get(kind)) + ", expected at "
                        + "least " + kind.display(nearest) + ", the least that is reachable with " + others);
            }
            earlier.add(new Budget(cost, limits.get(kind), false));
        }
    }

    /**
     * What a search aims at: a share of every limit, so that repair has little to do, unless that is out of reach.
     * The first limit in the order of {@link LimitKind} is filled, unless it is SRAM.
     */
    public List<Budget> budgets(double share) {
        List<Budget> budgets = new ArrayList<>();
        limits.forEach((kind, limit) -> {
            double aim = Math.min(limit, Math.max(limit * share, least.get(kind) * LEAST_ROOM));
            budgets.add(new Budget(costs.get(kind), aim, budgets.isEmpty() && kind != LimitKind.SRAM));
        });
        return budgets;
    }

    /** The network with the least of one quantity within all other limits; nothing if they leave none. */
    public Optional<Choices> cheapest(LimitKind kind) {
        List<Budget> others = exactBudgets().stream()
                .filter(budget -> budget.cost() != costs.get(kind))
                .toList();
        return new Discretizer(graph, others).cheapest(costs.get(kind));
    }

    /** A network that keeps the limits if any does, however unlikely: the one with the least of the last quantity. */
    public Choices safest() {
        Optional<Choices> known = cheapest.values().stream().filter(this::isWithinAll).findFirst();
        if (known.isPresent()) {
            return known.get();
        }
        LimitKind last = LimitKind.BYTES;
        for (LimitKind kind : limits.keySet()) {
            last = kind;
        }
        return cheapest(last).orElseThrow(() -> new InputException("no network keeps all limits"));
    }

    /** The limits themselves. */
    public List<Budget> exactBudgets() {
        return budgets(1);
    }
}
