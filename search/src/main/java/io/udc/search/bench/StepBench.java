package io.udc.search.bench;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.device.Devices;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.ReportRule;
import io.udc.search.SearchEvent;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.StreamLayout;
import io.udc.search.space.SpaceGraph;
import io.udc.search.supernet.Calibration;
import io.udc.search.supernet.DecisionTable;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.Supernet;
import io.udc.search.supernet.SupernetSearch;
import io.udc.search.task.SearchTask;
import io.udc.search.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Times a search's steps beside plain float training of the widest network of its space: the same pictures, the same
 * batch size, each through the program's own loop, from one step's end to the next one's.
 */
public final class StepBench {

    /** Steps that are not counted: libtorch chooses its algorithms and the program is compiled. */
    private static final int WARM_UP = 8;

    private static final int MEASURED = 40;
    private static final int CHECKED = 50;

    private final RunConfig config;
    private final SearchTask task;
    private final SpaceGraph graph;

    private StepBench(RunConfig config) {
        this.config = config;
        this.task = SearchTask.open(config);
        this.graph = task.graph(config);
    }

    /** Has a run take one epoch of each kind and nothing else, with batches of so many pictures. */
    public static void configure(RunConfigBuilder builder, int batchSize) {
        Map.of(
                        "search.batchSize", Integer.toString(batchSize),
                        "training.batchSize", Integer.toString(batchSize),
                        "search.warmupEpochs", "1",
                        "search.searchEpochs", "1",
                        "search.calibrationSteps", "1000000000",
                        "search.cost", "closed-form",
                        "training.dense.epochs", "1")
                .forEach(builder::set);
    }

    /**
     * Measures.
     *
     * @param config made with {@link #configure}
     * @param progress is told what is being measured
     * @throws InputException if the data are too few for the steps
     */
    public static StepTiming run(RunConfig config, Consumer<String> progress) {
        Devices.useThreads(config.threads());
        StepBench bench = new StepBench(config);
        progress.accept("supernet of space '" + bench.graph.space().name() + "'");
        Steps search = new Steps(WARM_UP + MEASURED);
        double waitShare = bench.search(search);
        Architecture widest = bench.graph.architecture(bench.graph.widest());
        progress.accept("its widest network in float, " + widest.weightCount() + " weights");
        Steps training = new Steps(WARM_UP + MEASURED);
        bench.train(widest, training);
        double searchMs = search.medianMillis();
        return new StepTiming(config.device().toString(), searchMs, training.medianMillis(),
                config.search().batchSize() / searchMs * 1e3, waitShare);
    }

    /**
     * The mean losses after each of the first steps of two searches of the same seed.
     *
     * @return the number of steps whose losses were compared, all of them equal bit for bit
     * @throws IllegalStateException naming the first step whose losses differ
     */
    public static int check(RunConfig config) {
        Devices.useThreads(config.threads());
        StepBench bench = new StepBench(config);
        Steps first = new Steps(CHECKED);
        bench.search(first);
        Steps second = new Steps(CHECKED);
        bench.search(second);
        for (int i = 0; i < first.losses.size(); i++) {
            if (!first.losses.get(i).equals(second.losses.get(i))) {
                throw new IllegalStateException("step " + (i + 1) + ": found losses " + first.losses.get(i) + " and "
                        + second.losses.get(i) + " in two runs of the same seed, expected the same bits");
            }
        }
        return first.losses.size();
    }

    /** Runs the search's own loop; returns the share of the time that it waited for pictures. */
    private double search(Steps steps) {
        NpuConfig npu = NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode());
        StreamLayout layout = StreamLayout.of(new LayerStreams(npu.accelerator()));
        RateTable rates = new RateTable(graph);
        int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
        try (DecisionTable decisions = new DecisionTable(graph, config.device());
                BytesCost bytes = new BytesCost(graph, decisions.options(), layout, rates, config.device());
                Supernet supernet = new Supernet(graph, config.seed(), config.device());
                SearchFeed feed = task.feed(config.search(), config.training(), config.seed(), config.device());
                SupernetSearch search = new SupernetSearch(supernet, decisions, config.search(), feed, List.of(),
                        new Calibration(new RateCalibrator(graph, layout, rates), List.of(bytes), bitWidths,
                                config.search().cost()),
                        config.seed(), config.device(), steps, steps.cancellation)) {
            search.optReports(ReportRule.everyStep());
            steps.await(() -> search.run(() -> { }));
            return feed.waitShare();
        }
    }

    private void train(Architecture architecture, Steps steps) {
        Trainer trainer = Trainer.builder(task, config.training())
                .optSeed(config.seed())
                .optDevice(config.device())
                .optListener(steps)
                .optReports(ReportRule.everyStep())
                .optCancellation(steps.cancellation)
                .build();
        steps.await(() -> trainer.train(architecture, task.initial(architecture, config.seed())));
    }

    /** Notes when steps end and what they lost, and stops the run after so many. */
    private static final class Steps implements SearchListener {

        private final int wanted;
        private final Cancellation cancellation = new Cancellation();
        private final List<Long> nanos = new ArrayList<>();
        private final List<Double> losses = new ArrayList<>();

        Steps(int wanted) {
            this.wanted = wanted;
        }

        @Override
        public void on(SearchEvent event) {
            if (event instanceof SearchEvent.StepDone step) {
                if (step.steps() <= wanted) {
                    throw new InputException("found " + step.steps() + " batches of training pictures, expected at least "
                            + (wanted + 1) + ": choose a smaller --batch");
                }
                nanos.add(System.nanoTime());
                losses.add(step.loss());
                if (nanos.size() == wanted) {
                    cancellation.request();
                }
            }
        }

        void await(Runnable run) {
            try {
                run.run();
                throw new IllegalStateException("the run ended before its " + wanted + " steps");
            } catch (CancelledException stopped) {
                // It was asked to.
            }
        }

        double medianMillis() {
            List<Double> millis = new ArrayList<>();
            for (int i = WARM_UP; i < nanos.size(); i++) {
                millis.add((nanos.get(i) - nanos.get(i - 1)) / 1e6);
            }
            millis.sort(null);
            return millis.get(millis.size() / 2);
        }
    }
}
