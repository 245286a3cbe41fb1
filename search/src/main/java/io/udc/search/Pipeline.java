package io.udc.search;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.data.Augmentation;
import io.udc.data.ClassificationData;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.StreamLayout;
import io.udc.search.discrete.Budget;
import io.udc.search.discrete.BudgetRepair;
import io.udc.search.discrete.Discretizer;
import io.udc.search.discrete.SparsityFit;
import io.udc.search.report.ResultBuilder;
import io.udc.search.run.Result;
import io.udc.search.space.Choices;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.WidthFamily;
import io.udc.search.supernet.Calibration;
import io.udc.search.supernet.ClassificationFeed;
import io.udc.search.supernet.DecisionTable;
import io.udc.search.supernet.Subnet;
import io.udc.search.supernet.Supernet;
import io.udc.search.supernet.SupernetSearch;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.TrainedNetwork;
import io.udc.search.train.Trainer;
import io.udc.search.train.TrainingState;
import io.udc.search.train.UniformNetwork;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The steps of one run, each of which hands a plain value to the next. */
final class Pipeline {

    /** The size before training at which the trained network is aimed, as a share of the budget: repair prunes. */
    private static final double TRAINING_AIM = 1.01;

    private static final String VERSION = "0.1.0";

    private final RunConfig config;
    private final ClassificationData data;
    private final SpaceGraph graph;
    private final EthosLayerCodec codec;
    private final StreamLayout layout;
    private final NpuConfig npu;
    private final RunState state;
    private final SearchListener listener;
    private final Cancellation cancellation;

    Pipeline(
            RunConfig config,
            ClassificationData data,
            NpuConfig npu,
            SpaceGraph graph,
            RunState state,
            SearchListener listener,
            Cancellation cancellation) {
        this.config = config;
        this.data = data;
        this.npu = npu;
        this.graph = graph;
        this.codec = new EthosLayerCodec(npu);
        this.layout = StreamLayout.of(new LayerStreams(npu.accelerator()));
        this.state = state;
        this.listener = listener;
        this.cancellation = cancellation;
    }

    /**
     * A trained network as it goes into a file.
     *
     * @param model the encoded network
     * @param decoded what the streams hold
     * @param fakeQuantizedAccuracy share of the test pictures, before the conversion to integers
     * @param integerAccuracy share of the test pictures that the decoded network gets right
     */
    record Encoded(
            UdcModel model, IntegerModel decoded, double fakeQuantizedAccuracy, double integerAccuracy) {}

    /** Searches the space and cuts the found network out of the supernet; keeps both in the run's state. */
    void search() {
        if (state.architecture() != null) {
            return;
        }
        RateTable rates = new RateTable(graph);
        try (DecisionTable decisions = new DecisionTable(graph);
                BytesCost bytes = new BytesCost(graph, decisions.options(), layout, rates)) {
            long budgetBytes = checkReach(bytes);
            List<Budget> budgets = List.of(new Budget(bytes, budgetBytes * config.search().budgetShare()));
            int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
            Calibration calibration = new Calibration(
                    new RateCalibrator(graph, layout, rates), bytes, bitWidths, config.search().calibratedCost());
            try (Supernet supernet = new Supernet(graph, config.seed());
                    ClassificationFeed feed = feed()) {
                try (SupernetSearch search = new SupernetSearch(supernet, decisions, config.search(), feed, budgets,
                        calibration, config.seed(), listener, cancellation)) {
                    if (state.search() != null) {
                        search.progress().restore(state.search());
                    }
                    search.run(() -> state.saveSearch(search.progress().snapshot()));
                }
                Discretizer discretizer = new Discretizer(graph, budgets);
                Choices choices = discretizer
                        .likeliest(decisions.toArray())
                        .orElseGet(() -> discretizer.cheapest(budgets.get(0)));
                Subnet found = fitted(Subnet.of(supernet, choices), bytes, budgetBytes);
                state.saveFound(found.architecture(), found.parameters());
            }
        }
    }

    private ClassificationFeed feed() {
        return new ClassificationFeed(
                data, config.search().batchSize(), config.search().decisionShare(),
                new Augmentation.PadCropFlip(config.training().cropPadding()), config.seed());
    }

    /** The feasible range of encoded bytes, known before training; refuses a budget below it. */
    private long checkReach(BytesCost bytes) {
        Choices smallest = new Discretizer(graph, List.of()).cheapest(new Budget(bytes, Double.MAX_VALUE));
        long least = (long) Math.ceil(bytes.bound(smallest));
        long most = (long) Math.ceil(bytes.of(graph, graph.widest()));
        listener.on(SearchEvent.Message.info("space '" + graph.space().name() + "': networks of "
                + least + " to " + most + " encoded bytes, " + graph.decisions().size() + " decisions"));
        long budget = config.budget().bytes();
        if (budget < least) {
            throw new InputException("--budget: found " + budget + " bytes, expected at least " + least
                    + ", the smallest size that is reachable whatever the weights turn out to be");
        }
        return budget;
    }

    /** Uses the budget up: the trained network will be about as large as it is now. */
    private Subnet fitted(Subnet found, BytesCost bytes, long budgetBytes) {
        ToLongFunction<Architecture> size = candidate -> EncodedSize.of(candidate, found.parameters(), codec);
        long before = size.applyAsLong(found.architecture());
        listener.on(SearchEvent.Message.info(String.format(
                "discretised network: %d encoded bytes, %.0f expected", before, bytes.of(graph, found.choices()))));
        Architecture fitted =
                SparsityFit.fit(found.architecture(), size, Math.round(budgetBytes * TRAINING_AIM));
        return new Subnet(found.choices(), fitted, NetworkParameters.of(fitted, found.parameters().values()));
    }

    /** The found network, trained. */
    Encoded trainFound() {
        return train("found network", state.architecture(), state::parameters);
    }

    /** Trains a network, makes it fit the budget exactly, encodes it, and measures what the streams decode to. */
    private Encoded train(String name, Architecture architecture, Supplier<NetworkParameters> initial) {
        int done = state.indexOf(name);
        if (done >= 0) {
            RunState.Finished finished = state.finished(done);
            UdcModel model = state.model(done);
            return new Encoded(model, model.decode(codec), finished.fakeQuantizedAccuracy(),
                    finished.integerAccuracy());
        }
        listener.on(SearchEvent.Message.info(String.format("%s: %,d weights, %.2f M multiply-accumulates",
                name, architecture.weightCount(), architecture.macs() / 1e6)));
        Encoded encoded = fitted(trained(name, architecture, initial));
        state.saveFinished(
                new RunState.Finished(name, encoded.fakeQuantizedAccuracy(), encoded.integerAccuracy()),
                encoded.model());
        return encoded;
    }

    private TrainedNetwork trained(String name, Architecture architecture, Supplier<NetworkParameters> initial) {
        Trainer trainer = Trainer.builder(data, config.training())
                .optSeed(config.seed())
                .optDevice(config.device())
                .optListener(listener)
                .optCancellation(cancellation)
                .optCheckpoints(training -> state.saveTraining(name, training))
                .build();
        TrainingState interrupted = state.training(name);
        return interrupted == null
                ? trainer.train(architecture, initial.get())
                : trainer.resume(architecture, interrupted);
    }

    private Encoded fitted(TrainedNetwork trained) {
        IntegerModel repaired =
                BudgetRepair.fit(trained.model(), model -> encode(model).encodedBytes(), config.budget().bytes());
        UdcModel encoded = encode(repaired);
        IntegerModel decoded = encoded.decode(codec);
        double accuracy = trained.integerAccuracy();
        if (repaired != trained.model()) {
            try (IntegerNetwork network = new IntegerNetwork(decoded)) {
                accuracy = network.accuracy(data.test());
            }
        }
        return new Encoded(encoded, decoded, trained.quantizedAccuracy(), accuracy);
    }

    private UdcModel encode(IntegerModel model) {
        return UdcModel.encode(VERSION, config.task().toString(), data.train().classNames(), model, codec);
    }

    /** The result with the uniform networks of the same size, trained by the same recipe. */
    Result result(Encoded found) {
        ResultBuilder builder = new ResultBuilder(config, npu, found.model(), found.decoded());
        builder.setAccuracy(found.integerAccuracy(), found.fakeQuantizedAccuracy());
        if (config.competitors()) {
            addCompetitor(builder, "uniform 8-bit", new Compression(8, 0), found.model().encodedBytes());
            addCompetitor(builder, "uniform 4-bit, 75% sparse", new Compression(4, 0.75),
                    found.model().encodedBytes());
        }
        return builder.build(state.seconds());
    }

    private void addCompetitor(ResultBuilder builder, String name, Compression compression, long budgetBytes) {
        Architecture widest = graph.architecture(graph.widest());
        UniformNetwork uniform = UniformNetwork.fit(
                WidthFamily.of(widest), 0.1, 4, compression, EncodedSize.of(codec, config.seed()), budgetBytes);
        Encoded trained = train(name, uniform.architecture(),
                () -> NetworkParameters.random(uniform.architecture(), config.seed()));
        builder.addCompetitor(new Result.Competitor(name, compression.bits(), compression.sparsity(),
                trained.integerAccuracy() * 100, trained.model().encodedBytes()));
    }
}
