package io.udc.search;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.discrete.BitsFit;
import io.udc.search.discrete.Budget;
import io.udc.search.discrete.BudgetRepair;
import io.udc.search.discrete.CostModels;
import io.udc.search.discrete.Discretizer;
import io.udc.search.discrete.Feasibility;
import io.udc.search.discrete.Limits;
import io.udc.search.model.ModelFile;
import io.udc.search.model.Results;
import io.udc.search.run.Result;
import io.udc.search.run.Result.Competitor;
import io.udc.search.run.Result.SearchedBytes;
import io.udc.search.space.Choices;
import io.udc.search.space.SpaceGraph;
import io.udc.search.supernet.Calibration;
import io.udc.search.supernet.DecisionTable;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.SearchProgress;
import io.udc.search.supernet.SearchSnapshot;
import io.udc.search.supernet.Subnet;
import io.udc.search.supernet.Supernet;
import io.udc.search.supernet.SupernetSearch;
import io.udc.search.task.SearchTask;
import io.udc.search.train.AddedLoss;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.TrainedNetwork;
import io.udc.search.train.Trainer;
import io.udc.search.train.TrainingConfig;
import io.udc.search.train.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** The steps of one run, each of which hands a plain value to the next. */
final class Pipeline {

    /** What the network takes of its limits when its training starts. */
    private static final double TRAINING_AIM = 1.0;

    /** What it takes when its quantization starts, which makes some a little larger. */
    private static final double QUANTIZATION_AIM = 0.98;

    /**
     * A trained network that takes no more than this is pruned without further training. When this was 1.01, it cost a
     * classifier of 64 KiB 0.65 points.
     */
    private static final double PRUNABLE = 1.002;

    /**
     * A trained network that takes less is fitted anew. When this was 0.975, it cost a classifier of 64 KiB 0.66 points
     * to take 99.7% of its bytes instead of 97.4%.
     */
    private static final double LEAST_TRAINED_USE = 0.95;

    /** The share of the limits at which settling aims. */
    private static final double SETTLING_AIM = 0.995;

    private static final int SETTLING_EPOCHS = 1;

    private static final int SETTLING_ROUNDS = 2;

    /** How often a network is cut anew that leaves its limits unused. */
    private static final int CUTS = 2;

    private final String toolVersion;
    private final RunConfig config;
    private final SearchTask task;
    private final SpaceGraph graph;
    private final EthosLayerCodec codec;
    private final Limits limits;
    private final NetworkFit fit;
    private final RunState state;
    private final SearchListener listener;
    private final Cancellation cancellation;
    private final Path warmup;

    /** @param warmup see {@link Search.Builder#optWarmup}; null for none */
    Pipeline(
            String toolVersion,
            RunConfig config,
            SearchTask task,
            NpuConfig npu,
            SpaceGraph graph,
            RunState state,
            SearchListener listener,
            Cancellation cancellation,
            Path warmup) {
        this.toolVersion = toolVersion;
        this.config = config;
        this.task = task;
        this.graph = graph;
        this.codec = new EthosLayerCodec(npu);
        this.limits = Limits.of(config, npu);
        this.fit = new NetworkFit(limits, codec, graph.space());
        this.state = state;
        this.listener = listener;
        this.cancellation = cancellation;
        this.warmup = warmup;
    }

    /**
     * A trained network as it goes into a file.
     *
     * @param file the encoded network and what its streams hold
     * @param fakeQuantizedMetric on the test pictures, before the conversion to integers
     * @param integerMetric on the test pictures, of the decoded network
     */
    record Encoded(ModelFile file, double fakeQuantizedMetric, double integerMetric) {}

    /** Searches the space and cuts the found network out of the supernet; keeps both in the run's state. */
    void search() {
        if (state.architecture() != null) {
            return;
        }
        try (DecisionTable decisions = new DecisionTable(graph, config.device());
                CostModels costs = new CostModels(graph, decisions.options(), limits, config.device())) {
            Feasibility feasibility = new Feasibility(graph, costs.byKind(), limits);
            listener.on(SearchEvent.Message.info("space '" + graph.space().name() + "', "
                    + graph.decisions().size() + " decisions: " + feasibility.ranges()));
            feasibility.check();
            List<Budget> budgets = feasibility.budgets(config.search().budgetShare());
            int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
            Calibration calibration = new Calibration(costs.calibrator(graph), costs.byKind().values(), bitWidths,
                    config.search().cost(), costs.bytes(),
                    network -> EncodedSize.layers(network.architecture(), network.parameters(), codec));
            try (Supernet supernet = new Supernet(graph, config.seed(), config.device(), config.precision());
                    SearchFeed feed = task.feed(config.search(), config.training(), config.seed(), config.device())) {
                try (SupernetSearch search = new SupernetSearch(supernet, decisions, config.search(), feed, budgets,
                        calibration, config.seed(), config.device(), listener, cancellation)) {
                    start(search.progress());
                    search.run(() -> save(search.progress()));
                }
                Choices choices = discretised(decisions.toArray(), budgets, feasibility);
                Subnet discretised = Subnet.of(supernet, choices);
                SearchedBytes bytes = new SearchedBytes(calibration.expected(decisions).get("bytes"),
                        EncodedSize.of(discretised.architecture(), discretised.parameters(), codec));
                listener.on(SearchEvent.Message.info(String.format(Locale.ROOT,
                        "discretised network: %,d encoded bytes, %,.0f expected (%+.1f%%)",
                        bytes.encoded(), bytes.expected(), bytes.errorPercent())));
                Subnet found = cut(supernet, discretised, decisions.toArray(), budgets, feasibility);
                state.saveFound(found.architecture(), found.parameters(), bytes);
            }
        }
    }

    /** Goes on where the run was interrupted, or else behind a warm-up that another run left. */
    private void start(SearchProgress progress) {
        if (state.search() != null) {
            progress.restore(state.search());
        } else if (warmup != null && Files.exists(warmup)) {
            progress.restore(SearchSnapshot.read(warmup));
            listener.on(SearchEvent.Message.info("warm-up: taken from " + warmup));
        }
    }

    private void save(SearchProgress progress) {
        SearchSnapshot snapshot = progress.snapshot();
        if (warmup != null && progress.epoch() == config.search().warmupEpochs()) {
            snapshot.write(warmup);
        }
        state.saveSearch(snapshot);
    }

    /**
     * The network that the decisions select, fitted to its limits. One that encodes to less than expected, and has no
     * sparsity left to give up, leaves its limits unused; then a larger one is looked for.
     */
    private Subnet cut(
            Supernet supernet,
            Subnet discretised,
            double[][] probabilities,
            List<Budget> aims,
            Feasibility feasibility) {
        Subnet best = withSparsity(discretised);
        double use = fit.load(best.architecture(), best.parameters());
        for (int attempt = 0; attempt < CUTS && use < NetworkFit.LEAST_USE; attempt++) {
            double room = 1 / use;
            List<Budget> wider = aims.stream()
                    .map(aim -> aim.filled() ? aim.withLimit(aim.limit() * room) : aim)
                    .toList();
            Subnet larger = withSparsity(Subnet.of(supernet, discretised(probabilities, wider, feasibility)));
            double largerUse = fit.load(larger.architecture(), larger.parameters());
            if (largerUse <= 1 && largerUse > use) {
                best = larger;
                use = largerUse;
            }
        }
        BitsFit.Fitted filled = fit.withBits(best.architecture(), best.parameters(), TRAINING_AIM);
        return new Subnet(best.choices(), filled.architecture(), filled.parameters());
    }

    /** The likeliest network within what the search aims at, or else within the limits, or else any within them. */
    private Choices discretised(double[][] probabilities, List<Budget> aims, Feasibility feasibility) {
        Optional<Choices> likeliest = new Discretizer(graph, aims).likeliest(probabilities);
        if (likeliest.isPresent()) {
            return likeliest.get();
        }
        Choices safest = feasibility.safest();
        aims.forEach(aim -> aim.cost().fitTo(safest));
        return new Discretizer(graph, feasibility.exactBudgets()).likeliest(probabilities).orElse(safest);
    }

    /** Uses the limits up with zeros. */
    private Subnet withSparsity(Subnet found) {
        Architecture sparse = fit.withSparsity(found.architecture(), found.parameters(), TRAINING_AIM);
        return new Subnet(found.choices(), sparse, NetworkParameters.of(sparse, found.parameters().values()));
    }

    /** How much of the limits a trained network takes. */
    private double load(IntegerModel model) {
        return limits.load(model.architecture(), encode(model).layerBytes());
    }

    /** The found network, trained. */
    Encoded trainFound() {
        return train("found network", state.architecture(), state::parameters, true);
    }

    /**
     * Trains in float, and then sets zeros and bits anew: by then weights compress about as well as they will in the end,
     * and nothing has been pruned for good.
     */
    private TrainedNetwork trainedWithin(String name, TrainingConfig recipe) {
        if (!state.isFloatTrained()) {
            String stage = name + " in float";
            Trainer trainer = trainer(recipe)
                    .optCheckpoints(training -> state.saveTraining(stage, training))
                    .build();
            TrainingState interrupted = state.training(stage);
            NetworkParameters trained = interrupted == null
                    ? trainer.trainFloat(state.architecture(), state.parameters())
                    : trainer.resumeFloat(state.architecture(), interrupted);
            BitsFit.Fitted refitted = fitByLoss(state.architecture(), trained);
            state.saveFloatTrained(refitted.architecture(), refitted.parameters());
        }
        return trained(name, state.architecture(), state::parameters,
                recipe.withEpochs(0, recipe.quantization().epochs(), recipe.distillation().epochs()));
    }

    /**
     * Trains a network, encodes it, and measures what the streams decode to.
     *
     * @param held whether it is held to the budget; competitors are taken as large as they come out
     */
    private Encoded train(
            String name, Architecture architecture, Supplier<NetworkParameters> initial, boolean held) {
        int done = state.indexOf(name);
        if (done >= 0) {
            RunState.Finished finished = state.finished(done);
            UdcModel model = state.model(done);
            return new Encoded(new ModelFile(model, model.decode(codec)), finished.fakeQuantizedMetric(),
                    finished.integerMetric());
        }
        listener.on(SearchEvent.Message.info(String.format(Locale.ROOT,
                "%s: %,d weights, %.2f M multiply-accumulates",
                name, architecture.weightCount(), architecture.macs() / 1e6)));
        Encoded encoded;
        if (held) {
            TrainedNetwork trained = settled(trainedWithin(name, config.training()));
            encoded = encoded(trained, repaired(trained.model()));
        } else {
            TrainedNetwork trained = trained(name, architecture, initial, config.forUniform().training());
            encoded = encoded(trained, trained.model());
        }
        state.saveFinished(
                new RunState.Finished(name, encoded.fakeQuantizedMetric(), encoded.integerMetric()),
                encoded.file().encoded());
        return encoded;
    }

    private TrainedNetwork trained(
            String name, Architecture architecture, Supplier<NetworkParameters> initial, TrainingConfig recipe) {
        Trainer trainer = trainer(recipe)
                .optCheckpoints(training -> state.saveTraining(name, training))
                .build();
        TrainingState interrupted = state.training(name);
        return interrupted == null
                ? trainer.train(architecture, initial.get())
                : trainer.resume(architecture, interrupted);
    }

    private Trainer.Builder trainer(TrainingConfig recipe) {
        return Trainer.builder(task, recipe)
                .optSeed(config.seed())
                .optDevice(config.device())
                .optPrecision(config.precision())
                .optListener(listener)
                .optCancellation(cancellation);
    }

    private BitsFit.Fitted fitByLoss(Architecture architecture, NetworkParameters trained) {
        listener.on(SearchEvent.Message.info(String.format(Locale.ROOT,
                "trained in float: %.1f%% of its limits; choosing bits and zeros by the loss that they add",
                100 * fit.load(architecture, trained))));
        try (AddedLoss added = new AddedLoss(task, config.training(), architecture, trained, config.seed(),
                config.device(), cancellation)) {
            return fit.byLoss(architecture, trained, added, QUANTIZATION_AIM);
        }
    }

    /**
     * Brings a trained network into its limits. Training changes how well weights compress: where the size has moved
     * away from them, zeros and bits are set anew from the trained weights and they settle for an epoch, twice if need be;
     * the last 0.2% are pruned without training.
     */
    private TrainedNetwork settled(TrainedNetwork trained) {
        TrainedNetwork settled = trained;
        for (int round = 0; round < SETTLING_ROUNDS; round++) {
            double load = load(settled.model());
            if (load <= PRUNABLE && load >= LEAST_TRAINED_USE) {
                return settled;
            }
            Architecture architecture = settled.model().architecture();
            BitsFit.Fitted refitted = fit.refit(architecture, settled.parameters(), load, SETTLING_AIM);
            if (refitted.architecture().equals(architecture)) {
                return settled;
            }
            listener.on(SearchEvent.Message.info(String.format(Locale.ROOT,
                    "trained network: %.1f%% of its limits; fitting its sparsity and bits", 100 * load)));
            settled = trainer(config.training().settling(SETTLING_EPOCHS)).build()
                    .train(refitted.architecture(), refitted.parameters());
        }
        return settled;
    }

    /** The same network within its limits, to the byte. */
    private IntegerModel repaired(IntegerModel model) {
        Optional<IntegerModel> fitting = BudgetRepair.fit(model, this::load);
        if (fitting.isEmpty()) {
            limits.require(model.architecture(), encode(model).layerBytes());
        }
        return fitting.orElseThrow();
    }

    private Encoded encoded(TrainedNetwork trained, IntegerModel model) {
        UdcModel encoded = encode(model);
        ModelFile file = new ModelFile(encoded, encoded.decode(codec));
        double metric = model == trained.model() ? trained.integerMetric() : task.evaluate(file.decoded());
        return new Encoded(file, trained.quantizedMetric(), metric);
    }

    private UdcModel encode(IntegerModel model) {
        return UdcModel.encode(toolVersion, task.name(), task.classNames(), model, codec);
    }

    /** The result with the uniform networks of the same size, trained by the same recipe. */
    Result result(Encoded found) {
        List<Competitor> competitors = new ArrayList<>();
        if (config.competitors()) {
            long bytes = found.file().encoded().encodedBytes();
            for (Compression compression : task.competitors()) {
                competitors.add(competitor(compression, bytes));
            }
        }
        return Results.of(config, task.metric(), found.file(), found.integerMetric(), found.fakeQuantizedMetric(),
                state.seconds(), state.searchedBytes(), competitors);
    }

    private Competitor competitor(Compression compression, long budgetBytes) {
        String name = UniformFit.name(compression);
        Encoded trained = new UniformFit(graph, codec, config.seed()).trained(
                compression,
                budgetBytes,
                (uniform, round) -> train(
                        round == 0 ? name : name + ", fitted again (" + round + ")",
                        uniform, () -> task.initial(uniform, config.seed()), false),
                Pipeline::bytes);
        return new Competitor(
                name, compression.bits(), compression.sparsity(), trained.integerMetric(), bytes(trained));
    }

    private static long bytes(Encoded network) {
        return network.file().encoded().encodedBytes();
    }
}
