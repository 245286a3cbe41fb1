package io.udc.search.supernet;

import io.udc.data.Batch;
import io.udc.memory.StepScope;
import io.udc.search.Cancellation;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.SearchState;
import io.udc.search.SearchListener;
import io.udc.search.discrete.Budget;
import io.udc.search.supernet.Lagrangian.Sense;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Scalar;
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

    private final Supernet supernet;
    private final DecisionTable decisions;
    private final SearchSettings settings;
    private final SearchFeed feed;
    private final Calibration calibration;
    private final SearchListener listener;
    private final Cancellation cancellation;
    private final SearchProgress progress;
    private final EntropySchedule schedule;
    private ToLongFunction<Subnet> encodedBytes;

    /**
     * @param supernet what learns; its state after {@link #run} is the search's result
     * @param decisions what is decided; likewise
     * @param feed pictures and loss
     * @param budgets what the network is held to; their limits are aimed at as they are
     * @param calibration measures what the costs rest on
     * @param seed of the noise
     */
    public SupernetSearch(
            Supernet supernet,
            DecisionTable decisions,
            SearchSettings settings,
            SearchFeed feed,
            List<Budget> budgets,
            Calibration calibration,
            long seed,
            SearchListener listener,
            Cancellation cancellation) {
        this.supernet = supernet;
        this.decisions = decisions;
        this.settings = settings;
        this.schedule = new EntropySchedule(settings.entropyExponent(), settings.decisionSpan());
        this.feed = feed;
        this.calibration = calibration;
        this.listener = listener;
        this.cancellation = cancellation;
        this.progress = new SearchProgress(supernet, decisions, settings, budgets, seed);
    }

    /** How to encode the likeliest network after each search epoch, for the log; it is not encoded when left out. */
    public SupernetSearch optEncodedBytes(ToLongFunction<Subnet> measure) {
        encodedBytes = measure;
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
        while (progress.epoch() < epochs) {
            epoch(progress.epoch(), epochs);
            progress.finishEpoch();
            afterEpoch.run();
        }
        calibration.measure(supernet, decisions);
    }

    @Override
    public void close() {
        progress.close();
    }

    private void epoch(int epoch, int epochs) {
        long start = System.nanoTime();
        progress.startEpoch();
        calibration.measure(supernet, decisions);
        boolean searching = epoch >= settings.warmupEpochs();
        int steps = feed.weightSteps();
        double owed = 0;
        double lossSum = 0;
        int step = 0;
        try (DecisionBatches decisionBatches = new DecisionBatches(epoch)) {
            for (Batch batch : feed.weightBatches(epoch)) {
                try (batch) {
                    cancellation.check();
                    lossSum += weightStep(batch, (epoch + (double) step / steps) / epochs);
                }
                step++;
                owed += searching ? feed.decisionStepsPerWeightStep() : 0;
                for (; owed >= 1; owed--) {
                    double time = (epoch - settings.warmupEpochs() + (double) step / steps)
                            / settings.searchEpochs();
                    decisionStep(decisionBatches.next(), Math.min(1, time));
                }
                listener.on(new SearchEvent.StepDone("search", epoch + 1, step, steps, lossSum / step));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        listener.on(epochDone(epoch, epochs, lossSum / Math.max(1, step), seconds));
    }

    /** One step of the weights under noisy choices; returns the loss. */
    private double weightStep(Batch batch, double time) {
        if (progress.countStep() % settings.calibrationSteps() == settings.calibrationSteps() - 1) {
            calibration.measure(supernet, decisions);
        }
        try (StepScope scope = StepScope.open()) {
            Tensor p = noisyProbabilities().detach();
            Tensor loss = feed.loss(supernet.forward(feed.input(batch), p), batch);
            loss.backward();
            supernet.backward(p);
            double value = loss.item_double();
            if (!Double.isFinite(value)) {
                throw new SearchDivergedException(progress.steps(), settings.learningRate());
            }
            progress.stepWeights(settings.learningRate() * rate(time));
            return value;
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
            feed.loss(supernet.forward(feed.input(batch), leaf), batch).backward();
            supernet.backward(leaf);
            noisy.backward(leaf.grad(), new BoolOptional(), false, new TensorArrayRefOptional());
            constraints(time).backward();
            progress.stepDecisions(settings.decisionLearningRate());
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
        Tensor entropies = decisions.entropies(p);
        for (int kind = 0; kind < progress.entropyMultipliers().size(); kind++) {
            double target = schedule.target(decisions.openKinds().get(kind), time);
            Tensor violation = entropies.select(0, kind).sub(new Scalar(target));
            Lagrangian lagrangian = progress.entropyMultipliers().get(kind);
            sum = sum.add(lagrangian.term(violation, Sense.AT_ZERO));
            lagrangian.update(violation.item_double(), Sense.AT_ZERO);
        }
        return sum;
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
        try (StepScope scope = StepScope.open()) {
            Tensor entropies = decisions.entropies(decisions.probabilities());
            for (int kind = 0; kind < decisions.openKinds().size(); kind++) {
                String name = decisions.openKinds().get(kind).label();
                entropy.put(name, entropies.select(0, kind).item_double());
                multipliers.put("entropy." + name, progress.entropyMultipliers().get(kind).multiplier());
            }
        }
        double time = (epoch + 1.0 - settings.warmupEpochs()) / settings.searchEpochs();
        SearchState state = new SearchState(
                expected.get("bytes"), time <= 0 ? null : likeliestBytes(), expected.get("latency"), expected.get("sram"),
                entropyTarget(time), entropy, multipliers);
        Map<String, Double> values = Map.of(
                "imagesPerSecond", feed.imagesPerEpoch() / seconds,
                "dataWaitShare", feed.waitShare(),
                "calibrationShare", calibration.seconds() / progress.addSeconds(seconds));
        return new SearchEvent.EpochDone("search", epoch + 1, epochs, loss, null, seconds, state, values);
    }

    private Long likeliestBytes() {
        return encodedBytes == null
                ? null
                : (Long) encodedBytes.applyAsLong(Subnet.of(supernet, decisions.mostLikely(supernet.graph())));
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
