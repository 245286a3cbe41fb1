package io.udc.search.bench;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.task.SearchTask;
import io.udc.search.train.Trainer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Times a search's steps beside plain float training of the widest network of its space, by the trainer and by libtorch
 * alone: the same pictures and the same batch size, each through a loop of its own.
 */
public final class StepBench {

    private final RunConfig config;
    private final Device device;
    private final BenchedSearch search;

    private StepBench(RunConfig config) {
        this.config = config;
        this.device = config.device();
        this.search = new BenchedSearch(config);
    }

    /** Has a run take enough epochs of search and of float training and nothing else. */
    public static void configure(RunConfigBuilder builder, int batchSize) {
        BenchedSearch.configure(builder, batchSize, StepClock.MOST_EPOCHS);
    }

    /**
     * Measures.
     *
     * @param config made with {@link #configure}
     * @param progress is told what is being measured
     * @throws InputException if the data are too few for the steps
     */
    public static StepTiming run(RunConfig config, Consumer<String> progress) {
        Devices.use(config.device(), config.threads());
        return new StepBench(config).measure(progress);
    }

    private StepTiming measure(Consumer<String> progress) {
        Architecture widest = search.graph().architecture(search.graph().widest());
        progress.accept("supernet of space '" + search.graph().space().name() + "', in turns with its widest network in "
                + "float (" + widest.weightCount() + " weights), by the trainer and by libtorch alone");
        Turns turns = new Turns();
        StepClock searchClock = new StepClock(device, turns);
        StepClock floatClock = new StepClock(device, turns);
        StepClock libtorchClock = new StepClock(device, turns);
        AtomicReference<BenchedSearch.Feeding> feeding = new AtomicReference<>();
        turns.run(List.of(
                () -> feeding.set(search.run(device, searchClock, progress)),
                () -> train(widest, floatClock),
                () -> trainPlainly(widest, libtorchClock)));
        return timing(searchClock, floatClock, libtorchClock, feeding.get());
    }

    private StepTiming timing(
            StepClock searchClock, StepClock floatClock, StepClock libtorchClock, BenchedSearch.Feeding feeding) {
        double stepsPerWeightStep = 1 + feeding.decisionSteps();
        double searchMs = Median.of(searchClock.millis()) / stepsPerWeightStep;
        boolean gpu = device.isCuda();
        return new StepTiming(device.toString(), searchMs, Median.of(floatClock.millis()),
                ratio(searchClock, floatClock) / stepsPerWeightStep, Median.of(libtorchClock.millis()),
                config.search().batchSize() / searchMs * 1e3,
                feeding.waitShare() / searchClock.turnShare(),
                gpu ? (Double) (Median.of(searchClock.hostMillis()) / stepsPerWeightStep) : null,
                gpu ? (Double) Median.of(searchClock.busyShares()) : null);
    }

    /** Of turns that followed each other. */
    private static double ratio(StepClock clock, StepClock other) {
        double[] ratios = clock.millis();
        Arrays.setAll(ratios, turn -> ratios[turn] / other.millis()[turn]);
        return Median.of(ratios);
    }

    private void train(Architecture architecture, StepClock clock) {
        SearchTask task = search.task();
        Trainer trainer = Trainer.builder(task, config.training())
                .optSeed(config.seed())
                .optDevice(device)
                .optPrecision(config.precision())
                .optListener(clock)
                .optReports(clock)
                .optCancellation(clock.cancellation())
                .build();
        clock.await(() -> trainer.train(architecture, task.initial(architecture, config.seed())));
    }

    private void trainPlainly(Architecture architecture, StepClock clock) {
        try (PlainTraining training =
                new PlainTraining(search.task(), architecture, config.training(), config.seed(), device)) {
            clock.await(() -> training.run(clock, config.seed()));
        }
    }
}
