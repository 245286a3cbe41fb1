package io.udc.search.bench;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.task.SearchTask;
import io.udc.search.train.Trainer;
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

    /** Has a run take one epoch of each kind and nothing else, with batches of so many pictures. */
    public static void configure(RunConfigBuilder builder, int batchSize) {
        BenchedSearch.configure(builder, batchSize);
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
        progress.accept("supernet of space '" + search.graph().space().name() + "'");
        StepClock clock = new StepClock(device);
        BenchedSearch.Feeding feeding = search.run(device, clock, progress);
        Architecture widest = search.graph().architecture(search.graph().widest());
        progress.accept("its widest network in float, " + widest.weightCount() + " weights");
        double floatMs = trained(widest);
        progress.accept("the same network in libtorch alone");
        double libtorchMs = trainedPlainly(widest);
        double stepsPerWeightStep = 1 + feeding.decisionSteps();
        double searchMs = clock.millis() / stepsPerWeightStep;
        Double hostMs = clock.hostMillis() == null ? null : (Double) (clock.hostMillis() / stepsPerWeightStep);
        return new StepTiming(device.toString(), searchMs, floatMs, libtorchMs,
                config.search().batchSize() / searchMs * 1e3, feeding.waitShare(), hostMs, clock.busyShare());
    }

    private double trained(Architecture architecture) {
        SearchTask task = search.task();
        StepClock clock = new StepClock(device);
        Trainer trainer = Trainer.builder(task, config.training())
                .optSeed(config.seed())
                .optDevice(device)
                .optPrecision(config.precision())
                .optListener(clock)
                .optReports(clock)
                .optCancellation(clock.cancellation())
                .build();
        clock.await(() -> trainer.train(architecture, task.initial(architecture, config.seed())));
        return clock.millis();
    }

    private double trainedPlainly(Architecture architecture) {
        StepClock clock = new StepClock(device);
        try (PlainTraining training =
                new PlainTraining(search.task(), architecture, config.training(), config.seed(), device)) {
            clock.await(() -> training.run(clock, config.seed()));
        }
        return clock.millis();
    }
}
