package io.udc.search.bench;

import io.udc.device.Device;
import io.udc.npu.NpuConfig;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.discrete.Budget;
import io.udc.search.discrete.CostModels;
import io.udc.search.discrete.LimitKind;
import io.udc.search.discrete.Limits;
import io.udc.search.space.SpaceGraph;
import io.udc.search.supernet.Calibration;
import io.udc.search.supernet.DecisionTable;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.Supernet;
import io.udc.search.supernet.SupernetSearch;
import io.udc.search.task.SearchTask;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The search's own loop over its first steps, weights and decisions, under the limits of a run. */
final class BenchedSearch {

    private final RunConfig config;
    private final SearchTask task;
    private final SpaceGraph graph;

    /** @param config made with {@link #configure} */
    BenchedSearch(RunConfig config) {
        this.config = config;
        this.task = SearchTask.open(config);
        this.graph = task.graph(config);
    }

    /** Has a run take so many epochs of search and of float training and nothing else, with batches of so many pictures. */
    static void configure(RunConfigBuilder builder, int batchSize, int epochs) {
        Map.of(
                        "search.batchSize", Integer.toString(batchSize),
                        "training.batchSize", Integer.toString(batchSize),
                        "search.warmupEpochs", "0",
                        "search.searchEpochs", Integer.toString(epochs),
                        "search.calibrationSteps", "1000000000",
                        "search.cost", "closed-form",
                        "training.dense.epochs", Integer.toString(epochs))
                .forEach(builder::set);
    }

    SearchTask task() {
        return task;
    }

    SpaceGraph graph() {
        return graph;
    }

    /**
     * What the pictures of a search cost.
     *
     * @param waitShare share of the time, 0 to 1, that the search waited for pictures
     * @param decisionSteps steps of the decisions that go with a step of the weights
     */
    record Feeding(double waitShare, double decisionSteps) {}

    /**
     * Runs until the observer stops it; everything lives on the device.
     *
     * @param notes is given the search's lines for people
     */
    Feeding run(Device device, StepObserver observer, Consumer<String> notes) {
        SearchListener listener = observer.andThen(event -> {
            if (event instanceof Message message) {
                notes.accept(message.text());
            }
        });
        Limits limits = Limits.of(
                config, NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode()));
        int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
        try (DecisionTable decisions = new DecisionTable(graph, device);
                CostModels costs = new CostModels(graph, decisions.options(), limits, device);
                Supernet supernet = new Supernet(graph, config.seed(), device, config.precision());
                SearchFeed feed = task.feed(config.search(), config.training(), config.seed(), device);
                SupernetSearch search = new SupernetSearch(supernet, decisions, config.search(), feed,
                        budgets(limits, costs),
                        new Calibration(costs.calibrator(graph), costs.byKind().values(), bitWidths,
                                config.search().cost(), costs.bytes(), network -> Map.of()),
                        config.seed(), device, listener, observer.cancellation())) {
            search.optReports(observer);
            observer.await(() -> search.run(() -> { }));
            return new Feeding(feed.waitShare(), feed.decisionStepsPerWeightStep());
        }
    }

    private static List<Budget> budgets(Limits limits, CostModels costs) {
        return limits.all().entrySet().stream()
                .map(limit -> new Budget(
                        costs.byKind().get(limit.getKey()), limit.getValue(), limit.getKey() == LimitKind.BYTES))
                .toList();
    }
}
