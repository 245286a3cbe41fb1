package io.udc.search.supernet;

import io.udc.data.Batch;
import io.udc.device.CudaGraph;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.Cancellation;
import io.udc.search.ReportRule;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.Message;
import io.udc.search.SearchEvent.SearchState;
import io.udc.search.SearchListener;
import io.udc.search.cost.BytesCost;
import io.udc.search.discrete.Budget;
import io.udc.search.space.SpaceGraph;
import io.udc.search.train.DivergedException;
import io.udc.search.train.LossMeter;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;

/**
 * The search loop: the weights learn from one part of the training pictures, the decisions from another, under
 * budgets and an entropy schedule (UDC, arXiv 2201.05842, section 3; DESIGN section 5). One run at a time; not
 * thread-safe.
 */
public final class SupernetSearch implements AutoCloseable {

    /** Share of the steps over which the weights' learning rate rises. */
    private static final double RISE = 0.05;

    /** Operators less likely than this are not computed from the next epoch on. */
    private static final double LEAST_USE = 0.01;

    /** The likeliest network may be another one at the budgets, and is encoded once more there. */
    private static final int CONCLUSIONS = 2;

    private final Supernet supernet;
    private final DecisionTable decisions;
    private final SearchSettings settings;
    private final SearchFeed feed;
    private final List<Budget> budgets;
    private final Calibration calibration;
    private final SearchListener listener;
    private final Cancellation cancellation;
    private final SearchProgress progress;
    private final EntropySchedule schedule;
    private final boolean holdsCompression;
    private final Device device;
    private SupernetPass pass;
    private ReportRule reports = ReportRule.twiceASecond();

    /**
     * @param supernet what learns; its state after {@link #run} is the search's result
     * @param decisions what is decided; likewise
     * @param feed pictures and loss
     * @param budgets what the network is held to; their limits are aimed at as they are
     * @param calibration measures what the costs rest on
     * @param seed of the noise
     * @param device where supernet, decisions, feed and costs live
     */
    public SupernetSearch(
            Supernet supernet,
            DecisionTable decisions,
            SearchSettings settings,
            SearchFeed feed,
            List<Budget> budgets,
            Calibration calibration,
            long seed,
            Device device,
            SearchListener listener,
            Cancellation cancellation) {
        this.supernet = supernet;
        this.decisions = decisions;
        this.settings = settings;
        this.schedule = new EntropySchedule(settings.entropyExponent(), settings.decisionSpan());
        this.feed = feed;
        this.budgets = List.copyOf(budgets);
        this.holdsCompression = settings.entropyControl()
                && budgets.stream().anyMatch(budget -> exceedsStructure(budget, supernet.graph()));
        this.calibration = calibration;
        this.device = device;
        this.listener = listener;
        this.cancellation = cancellation;
        this.progress = new SearchProgress(supernet, decisions, settings, budgets, seed, device);
        SupernetPass direct = new DirectPass(supernet, feed);
        this.pass = settings.cudaGraph() && device.isCuda()
                ? new RecordedPass(direct, supernet::leftOut, () -> new CudaGraph(device), device, listener)
                : direct;
    }

    /**
     * Whether a budget is more than structure alone can fill. Bits would fill it first, and make weights dear before
     * anything is known of how many there should be.
     */
    private static boolean exceedsStructure(Budget budget, SpaceGraph graph) {
        return budget.filled() && budget.cost() instanceof BytesCost && budget.limit() > UndecidedSize.ofLargest(graph);
    }

    /** When steps are reported; twice a second when left out. */
    public SupernetSearch optReports(ReportRule chosen) {
        reports = chosen;
        return this;
    }

    /** How the supernet passes over batches, in the place of what the settings say; closed with the search. */
    SupernetSearch optPass(SupernetPass chosen) {
        pass = chosen;
        return this;
    }

    /** Where the search stands; saved and restored between epochs. */
    public SearchProgress progress() {
        return progress;
    }

    /**
     * Runs all epochs that are left.
     *
     * @param afterEpoch called when an epoch is complete, to save the state
     */
    public void run(Runnable afterEpoch) {
        int epochs = settings.warmupEpochs() + settings.searchEpochs();
        listener.on(new SearchEvent.PhaseStarted("search", epochs));
        if (settings.cudaGraph() && !device.isCuda()) {
            listener.on(Message.warning("search.cudaGraph: has no effect on the CPU"));
        }
        while (progress.epoch() < epochs) {
            epoch(progress.epoch(), epochs);
            progress.finishEpoch();
            afterEpoch.run();
        }
        conclude();
    }

    /** Counts what was found in encoded bytes, and brings the decisions to the budgets by this count. */
    private void conclude() {
        BudgetProjection projection = new BudgetProjection(budgets, device);
        for (int round = 0; round < CONCLUSIONS; round++) {
            calibration.conclude(supernet, decisions);
            projection.apply(decisions);
        }
    }

    @Override
    public void close() {
        pass.close();
        progress.close();
    }

    private void epoch(int epoch, int epochs) {
        long start = System.nanoTime();
        progress.startEpoch();
        calibration.refresh(supernet, decisions);
        supernet.leaveOutBelow(LEAST_USE, decisions.toArray());
        progress.leaveOut(supernet.unused());
        boolean searching = epoch >= settings.warmupEpochs();
        int steps = feed.weightSteps();
        double owed = 0;
        int step = 0;
        try (LossMeter losses = new LossMeter(device);
                DecisionBatches decisionBatches = new DecisionBatches(epoch)) {
            for (Batch batch : feed.weightBatches(epoch)) {
                try (batch) {
                    cancellation.check();
                    weightStep(batch, (epoch + (double) step / steps) / epochs, losses);
                }
                step++;
                owed += searching ? feed.decisionStepsPerWeightStep() : 0;
                for (; owed >= 1; owed--) {
                    double time = (epoch - settings.warmupEpochs() + (double) step / steps)
                            / settings.searchEpochs();
                    decisionStep(decisionBatches.next(), Math.min(1, time));
                }
                if (reports.isDue(step)) {
                    double loss = finite(losses.recent());
                    listener.on(new SearchEvent.StepDone("search", epoch + 1, step, steps, loss));
                }
            }
            double loss = finite(losses.mean());
            listener.on(epochDone(epoch, epochs, loss, (System.nanoTime() - start) / 1e9));
        }
    }

    private double finite(double loss) {
        if (!Double.isFinite(loss)) {
            throw new DivergedException("search", "step " + progress.steps(), settings.learningRate(),
                    "a lower search.learningRate");
        }
        return loss;
    }

    /** One step of the weights under noisy choices. */
    private void weightStep(Batch batch, double time, LossMeter losses) {
        if (progress.countStep() % settings.calibrationSteps() == settings.calibrationSteps() - 1) {
            finite(losses.mean()); // a calibration waits for the device, and wants weights that are numbers
            calibration.refresh(supernet, decisions);
        }
        try (StepScope scope = StepScope.open()) {
            Tensor p = noisyProbabilities().detach();
            losses.add(pass.run(batch, p));
            progress.stepWeights(settings.learningRate() * rate(time));
        }
    }

    /** A short rise, then half a cosine down to a tenth: the decisions need weights that follow to the end. */
    private static double rate(double time) {
        return time < RISE ? (time + 1e-3) / RISE : 0.55 + 0.45 * Math.cos(Math.PI * (time - RISE) / (1 - RISE));
    }

    /** One step of the decisions: the task's loss on pictures that the weights never see, costs and entropy. */
    private void decisionStep(Batch batch, double time) {
        try (StepScope scope = StepScope.open()) {
            Tensor noisy = noisyProbabilities();
            Tensor leaf = noisy.detach();
            leaf.set_requires_grad(true);
            pass.run(batch, leaf);
            noisy.backward(leaf.grad(), new BoolOptional(), false, new TensorArrayRefOptional());
            constraints(time).backward();
            progress.stepDecisions(settings.decisionLearningRate());
            if (holdsCompression && !schedule.decidesCompression(time)) {
                decisions.forgetCompression();
            }
        }
    }

    private Tensor noisyProbabilities() {
        return decisions.noisyProbabilities(settings.temperature(), settings.noise(), progress.random());
    }

    private Tensor constraints(double time) {
        Tensor p = decisions.probabilities();
        Tensor sum = progress.constraints().step(p);
        if (!settings.entropyControl()) {
            return sum;
        }
        Tensor violations = decisions.entropies(p).sub(entropyTargets(time));
        return sum.add(progress.entropyLagrangian().step(violations));
    }

    /** What the schedule wants of every open kind, [open kinds]. */
    private Tensor entropyTargets(double time) {
        double[] targets = decisions.openKinds().stream()
                .mapToDouble(kind -> schedule.target(kind, time))
                .toArray();
        return Devices.place(Tensor.create(targets), device);
    }

    /** Mean over the kinds of decision, for logs. */
    private double entropyTarget(double time) {
        return decisions.openKinds().stream()
                .mapToDouble(kind -> schedule.target(kind, time))
                .average()
                .orElse(0);
    }

    private SearchEvent epochDone(int epoch, int epochs, double loss, double seconds) {
        Map<String, Double> expected = calibration.expected(decisions);
        Map<String, Double> multipliers = progress.constraints().multipliers();
        Map<String, Double> entropy = new LinkedHashMap<>();
        List<Double> entropyMultipliers = progress.entropyLagrangian().multipliers();
        try (StepScope scope = StepScope.open()) {
            Tensor entropies = decisions.entropies(decisions.probabilities()).cpu();
            for (int kind = 0; kind < decisions.openKinds().size(); kind++) {
                String name = decisions.openKinds().get(kind).label();
                entropy.put(name, entropies.select(0, kind).item_double());
                multipliers.put("entropy." + name, entropyMultipliers.get(kind));
            }
        }
        double time = (epoch + 1.0 - settings.warmupEpochs()) / settings.searchEpochs();
        // While all networks are as likely, none stands for them.
        Long encodedBytes = time <= 0 ? null : (Long) calibration.encodedBytes(supernet, decisions);
        SearchState state = new SearchState(expected.get("bytes"), encodedBytes, expected.get("latency"),
                expected.get("sram"), entropyTarget(time), entropy, multipliers);
        Map<String, Double> values = Map.of(
                "imagesPerSecond", feed.imagesPerEpoch() / seconds,
                "dataWaitShare", feed.waitShare(),
                "calibrationShare", calibration.seconds() / progress.addSeconds(seconds));
        return new SearchEvent.EpochDone("search", epoch + 1, epochs, loss, seconds, state, values);
    }

    /** The decisions' batches without end: pass after pass over their pictures. */
    private final class DecisionBatches implements AutoCloseable {
        private final int epoch;
        private int pass;
        private Iterator<Batch> batches;
        private Batch current;

        DecisionBatches(int epoch) {
            this.epoch = epoch;
        }

        /** The next batch, which this object closes. */
        Batch next() {
            close();
            if (batches == null || !batches.hasNext()) {
                batches = feed.decisionBatches(epoch * 1000 + pass++).iterator();
            }
            current = batches.next();
            return current;
        }

        @Override
        public void close() {
            if (current != null) {
                current.close();
                current = null;
            }
        }
    }
}
