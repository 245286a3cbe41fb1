package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.search.Cancellation;
import io.udc.search.ReportRule;
import io.udc.search.SearchListener;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Trains networks of a given architecture to integer networks: dense in float, then quantization-aware while
 * pruning rises, then with fixed masks under distillation from the float network.
 *
 * <pre>{@code
 * TrainedNetwork trained = Trainer.builder(task, TrainingConfig.defaults())
 *         .optSeed(1)
 *         .optListener(event -> System.err.println(event))
 *         .build()
 *         .train(architecture, NetworkParameters.random(architecture, 1));
 * }</pre>
 *
 * <p>On the CPU the same seed gives the same parameters, bit for bit. Immutable; one training at a time may run on a
 * device at full speed.
 */
public final class Trainer {

    private final TrainingTask task;
    private final TrainingConfig config;
    private final Device device;
    private final Precision precision;
    private final long seed;
    private final SearchListener listener;
    private final ReportRule reports;
    private final Cancellation cancellation;
    private final Consumer<TrainingState> checkpoints;

    private Trainer(Builder builder) {
        task = builder.task;
        config = builder.config;
        device = builder.device;
        precision = builder.precision;
        seed = builder.seed;
        listener = builder.listener;
        reports = builder.reports;
        cancellation = builder.cancellation;
        checkpoints = builder.checkpoints;
    }

    public static Builder builder(TrainingTask task, TrainingConfig config) {
        return new Builder(task, config);
    }

    /**
     * Runs all stages and converts the result.
     *
     * @param initial where to start; with steps and ranges if it comes from an earlier training
     * @throws DivergedException if the loss stops being a number
     * @throws io.udc.search.CancelledException if a stop was requested
     * @throws io.udc.InputException if the architecture does not fit the task
     */
    public TrainedNetwork train(Architecture architecture, NetworkParameters initial) {
        return run(architecture, initial, TrainingRun::finish);
    }

    /**
     * Goes on with a training of the same architecture, data, recipe and seed; see {@link #train}.
     *
     * @throws io.udc.InputException if the state belongs to another architecture
     */
    public TrainedNetwork resume(Architecture architecture, TrainingState state) {
        return resume(architecture, state, TrainingRun::finish);
    }

    /**
     * Runs the first stage alone; throws what {@link #train} throws.
     *
     * @param initial where to start
     * @return the parameters of the float network, with the statistics that it runs with
     */
    public NetworkParameters trainFloat(Architecture architecture, NetworkParameters initial) {
        return run(architecture, initial, TrainingRun::finishFloat);
    }

    /** Goes on with the first stage alone; see {@link #resume} and {@link #trainFloat}. */
    public NetworkParameters resumeFloat(Architecture architecture, TrainingState state) {
        return resume(architecture, state, TrainingRun::finishFloat);
    }

    private <T> T resume(Architecture architecture, TrainingState state, Function<TrainingRun, T> finish) {
        NetworkParameters random = NetworkParameters.random(architecture, 0);
        return run(architecture, random, run -> {
            run.restore(state); // replaces all parameters
            return finish.apply(run);
        });
    }

    private <T> T run(Architecture architecture, NetworkParameters initial, Function<TrainingRun, T> finish) {
        task.check(architecture);
        try (TrainingRun run = new TrainingRun(this, architecture, initial)) {
            return finish.apply(run);
        }
    }

    TrainingTask task() {
        return task;
    }

    TrainingConfig config() {
        return config;
    }

    Device device() {
        return device;
    }

    Precision precision() {
        return precision;
    }

    long seed() {
        return seed;
    }

    SearchListener listener() {
        return listener;
    }

    ReportRule reports() {
        return reports;
    }

    Cancellation cancellation() {
        return cancellation;
    }

    Consumer<TrainingState> checkpoints() {
        return checkpoints;
    }

    /** Collects what a trainer needs. */
    public static final class Builder {

        private final TrainingTask task;
        private final TrainingConfig config;
        private Device device = Device.CPU;
        private Precision precision = Precision.FLOAT32;
        private long seed;
        private SearchListener listener = SearchListener.silent();
        private ReportRule reports = ReportRule.twiceASecond();
        private Cancellation cancellation = new Cancellation();
        private Consumer<TrainingState> checkpoints;

        private Builder(TrainingTask task, TrainingConfig config) {
            this.task = task;
            this.config = config;
        }

        /** Where to train; on the CPU when left out. */
        public Builder optDevice(Device chosen) {
            device = chosen;
            return this;
        }

        /** In which numbers to compute; float32 when left out. */
        public Builder optPrecision(Precision chosen) {
            precision = chosen;
            return this;
        }

        /** Where the order of the pictures and their augmentation start from; 0 when left out. */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        /** Who hears of progress; nobody when left out. */
        public Builder optListener(SearchListener chosen) {
            listener = chosen;
            return this;
        }

        /** When steps are reported; twice a second when left out. */
        public Builder optReports(ReportRule chosen) {
            reports = chosen;
            return this;
        }

        /** How to stop a training from another thread. */
        public Builder optCancellation(Cancellation chosen) {
            cancellation = chosen;
            return this;
        }

        /** Who saves the state after each epoch; nobody when left out. */
        public Builder optCheckpoints(Consumer<TrainingState> chosen) {
            checkpoints = chosen;
            return this;
        }

        public Trainer build() {
            return new Trainer(this);
        }
    }
}
