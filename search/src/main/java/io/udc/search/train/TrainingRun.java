package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.device.Devices;
import io.udc.integer.IntegerModel;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.Message;
import io.udc.search.train.TrainableNetwork.Mode;
import io.udc.search.train.TrainingConfig.ActivationSteps;
import io.udc.search.train.TrainingConfig.WeightSteps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** One training from start to end. Not thread-safe. */
final class TrainingRun implements AutoCloseable {

    /** Steps between two choices of the pruned weights, and of least-square-error steps. */
    private static final int REFRESH = 10;

    /** Steps between two observations of the feature maps' ranges, once they are known. */
    private static final int OBSERVE = 8;

    private static final int FIRST_OBSERVATIONS = 20;
    private static final double BATCH_NORM_MOMENTUM = 0.1;

    private final Trainer trainer;
    private final TrainingConfig config;
    private final TrainableNetwork network;
    private final Optimizer optimizer;
    private final Objective objective;
    private final Evaluation evaluation;
    private final Examples examples;
    private final ObservationPass observation;
    private final ParameterAverage average;
    private LinearFactors factors; // while a stage trains them in the place of weights
    private TrainableNetwork teacher;
    private double floatMetric = Double.NaN;
    private int epochsDone;
    private TrainingState.Progress resumed;

    TrainingRun(Trainer trainer, Architecture architecture, NetworkParameters initial) {
        this.trainer = trainer;
        this.config = trainer.config();
        this.network = new TrainableNetwork(
                architecture, initial, trainer.task().normalization(), trainer.device());
        this.optimizer = new Optimizer(config, network.store(), trainer.device());
        this.objective = trainer.task().objective(config);
        this.evaluation = new Evaluation(trainer.task(), trainer.device(), trainer.cancellation());
        this.average = new ParameterAverage(network.store(), config.averaging(), trainer.device());
        this.examples = trainer.task().examples(config, trainer.seed(), trainer.device());
        this.observation = new ObservationPass(network, examples, evaluation);
    }

    /** Runs the stages and converts the result. */
    TrainedNetwork finish() {
        long start = System.nanoTime();
        for (Stage stage : Stage.values()) {
            if (resumed == null || stage.compareTo(resumed.stage()) >= 0) {
                run(stage);
            }
        }
        network.features().freeze();
        NetworkParameters parameters = network.parameters();
        IntegerModel model = IntegerConversion.convert(
                network.architecture(),
                parameters,
                ParameterStore.readBytes(network.weights().masks()),
                network.features().quantization());
        double quantized = evaluation.metric(network, Mode.EVALUATE_QUANTIZED);
        double integer = trainer.task().evaluate(model);
        TrainedNetwork trained = new TrainedNetwork(parameters, model, trainer.task().metric(), floatMetric,
                quantized, integer, (System.nanoTime() - start) / 1e9);
        report(trained);
        return trained;
    }

    /** Runs the first stage. */
    NetworkParameters finishFloat() {
        run(Stage.DENSE);
        return network.parameters();
    }

    private void run(Stage stage) {
        StagePlan plan = stage.plan(config);
        optimizer.enter(stage);
        if (plan.epochs() > 0) {
            trainer.listener().on(new SearchEvent.PhaseStarted(stage.phase(), plan.epochs()));
        }
        int done = 0;
        if (resumed != null && resumed.stage() == stage) {
            done = resumed.epoch();
        } else {
            prepare(stage);
            optimizer.reset();
            average.start();
        }
        for (int epoch = done + 1; epoch <= plan.epochs(); epoch++) {
            epoch(stage, plan, epoch);
        }
        dropFactors();
        if (plan.epochs() > 0) {
            if (average.take()) {
                normalize();
            }
            if (stage.quantized()) {
                network.features().freeze();
            }
            recalibrate(stage);
        }
    }

    /** Brings masks, steps, ranges and the teacher to what a stage expects. */
    private void prepare(Stage stage) {
        switch (stage) {
            case DENSE -> {
                expand();
                if (factors != null) {
                    factors.draw(trainer.seed());
                }
            }
            case QUANTIZATION -> {
                if (startsHere() && !network.features().ready()) {
                    recalibrate(Stage.DENSE); // cut out of a supernet, it has no statistics yet
                }
                makeTeacher();
                observation.findRanges(epochsDone); // with the weights as they are, if no earlier training left ranges
                if (config.quantization().epochs() > 0) {
                    network.prune(0);
                    network.resetSteps();
                }
            }
            case DISTILLATION -> {
                network.weights().applyMasks(); // what the rise of pruning chose stays chosen
                network.prune(1);
                network.weights().applyMasks();
                normalize();
                if (!network.stepsKnown() || config.weightSteps() == WeightSteps.MEAN_SQUARE) {
                    network.resetSteps();
                }
            }
        }
        if (stage.quantized() && stage.plan(config).epochs() > 0) {
            network.features().learn(config.activationSteps());
        }
    }

    /** Has linear blocks trained in the place of weights, if the recipe wants it. */
    private void expand() {
        if (config.linearExpansion() > 0 && config.dense().epochs() > 0) {
            factors = new LinearFactors(network.store(), config.linearExpansion(), trainer.device());
            optimizer.take(factors);
        }
    }

    /** The collapsed weights stay. */
    private void dropFactors() {
        if (factors != null) {
            optimizer.take(null);
            factors.close();
            factors = null;
        }
    }

    private boolean startsHere() {
        return config.dense().epochs() == 0 && config.quantization().epochs() > 0;
    }

    private void makeTeacher() {
        boolean wanted = config.distillationWeight() > 0 && config.distillation().epochs() > 0;
        if (wanted || config.dense().epochs() > 0) {
            floatMetric = evaluation.metric(network, Mode.EVALUATE_FLOAT);
        }
        if (wanted) {
            teacher = teacher(network.parameters());
        }
    }

    private TrainableNetwork teacher(NetworkParameters parameters) {
        return new TrainableNetwork(
                network.architecture(), parameters, trainer.task().normalization(), trainer.device());
    }

    @SuppressWarnings("try")
    private void epoch(Stage stage, StagePlan plan, int epoch) {
        long start = System.nanoTime();
        int steps = examples.batches();
        int step = 0;
        long seen = 0;
        double meanLoss;
        try (LossMeter losses = new LossMeter(trainer.device())) {
            for (Batch batch : examples.epoch(epochsDone)) {
                try (batch;
                        StepScope scope = StepScope.open()) {
                    trainer.cancellation().check();
                    int done = (epoch - 1) * steps + step++;
                    if (stage.quantized() && readsDevice(done)) {
                        finite(losses.mean(), stage, plan, epoch); // or what is read would be no numbers either
                    }
                    losses.add(step(stage, plan, batch, done, plan.epochs() * steps));
                    seen += batch.size();
                }
                if (trainer.reports().isDue(step)) {
                    double loss = finite(losses.recent(), stage, plan, epoch);
                    trainer.listener().on(new SearchEvent.StepDone(stage.phase(), epoch, step, steps, loss));
                }
            }
            meanLoss = finite(losses.mean(), stage, plan, epoch);
        }
        epochsDone++;
        double seconds = (System.nanoTime() - start) / 1e9;
        double rate = plan.learningRate()
                * LearningRate.share(config.schedule(), config.warmupShare(), (double) epoch / plan.epochs());
        trainer.listener().on(new SearchEvent.EpochDone(stage.phase(), epoch, plan.epochs(), meanLoss,
                seconds, null, Map.of(
                        "learningRate", rate, "imagesPerSecond", seen / seconds, "waitShare", examples.waitShare())));
        if (trainer.checkpoints() != null) {
            trainer.checkpoints().accept(state(stage, epoch));
        }
    }

    private static double finite(double loss, Stage stage, StagePlan plan, int epoch) {
        if (!Double.isFinite(loss)) {
            throw new DivergedException(stage.phase(), "epoch " + epoch, plan.learningRate(),
                    "a lower learning rate or gradientClipping");
        }
        return loss;
    }

    private TrainingState state(Stage stage, int epoch) {
        TrainingState.Tensors tensors = new TrainingState.Tensors();
        network.save(tensors);
        optimizer.state().forEach((name, tensor) -> tensors.floats("optimizer." + name, tensor));
        if (factors != null) {
            tensors.floats("factors", factors.values());
        }
        if (average.tensor() != null) {
            tensors.floats("average", average.tensor());
        }
        if (teacher != null) {
            tensors.teacher(teacher.parameters());
        }
        Map<String, List<Double>> ranges = new LinkedHashMap<>();
        network.features().ranges().forEach((name, range) -> {
            if (range.seen()) {
                ranges.put(name, List.of(range.least(), range.greatest()));
            }
        });
        return new TrainingState(
                new TrainingState.Progress(network.architecture().name(), stage, epoch, epochsDone,
                        optimizer.steps(), average.updates(), network.stepsKnown(),
                        Double.isNaN(floatMetric) ? null : floatMetric, ranges),
                tensors.all());
    }

    /** Takes the place of a training that was interrupted. */
    void restore(TrainingState state) {
        resumed = state.progress();
        if (!resumed.architecture().equals(network.architecture().name())) {
            throw new InputException("checkpoint: found the training of network '" + resumed.architecture()
                    + "', expected that of '" + network.architecture().name() + "'");
        }
        network.restore(state);
        if (resumed.stage() == Stage.DENSE) {
            expand();
        }
        if (factors != null) {
            state.restore("factors", factors.values());
        }
        optimizer.state().forEach((name, tensor) -> state.restore("optimizer." + name, tensor));
        optimizer.resume(resumed.optimizerSteps());
        if (average.tensor() != null) {
            state.restore("average", average.tensor());
            average.resume(resumed.averageUpdates());
        }
        if (resumed.stage().quantized()) {
            network.features().resume(config.activationSteps());
        }
        NetworkParameters taught = state.teacher(network.architecture());
        if (taught != null) {
            teacher = teacher(taught);
        }
        floatMetric = resumed.floatMetric() == null ? Double.NaN : resumed.floatMetric();
        epochsDone = resumed.epochsDone();
    }

    /**
     * One optimiser step.
     *
     * @param done steps of the stage that are done
     * @return the loss, a scalar on the device
     */
    @SuppressWarnings("try")
    private Tensor step(Stage stage, StagePlan plan, Batch batch, int done, int total) {
        double progress = (double) done / total;
        double pruning = progress / config.pruningShare();
        boolean pruningRises = stage == Stage.QUANTIZATION && pruning < 1 + (double) REFRESH / total;
        if (stage.quantized()) {
            refresh(pruningRises, stage, done, pruning);
            try (NoGradient off = NoGradient.open()) {
                network.weights().forward();
            }
        }
        network.store().gradients().zero_();
        boolean observe = stage.quantized() && observes(done);
        Mode mode = new Mode(BATCH_NORM_MOMENTUM, stage.quantized(), observe, trainer.precision());
        Tensor loss = objective.loss(
                images -> network.forward(images, mode),
                stage == Stage.DISTILLATION && teacher != null ? this::taught : null,
                evaluation.input(batch.images()),
                Devices.place(batch.targets(), trainer.device()),
                new SplittableRandom(trainer.seed() * 1_000_003 + epochsDone * 10_007L + done));
        try (NoGradient off = NoGradient.open()) {
            // Behind a mask that no longer changes, a pruned weight would drift without any effect of its own.
            network.backward(loss, mode, pruningRises);
            double rate = plan.learningRate()
                    * LearningRate.share(config.schedule(), config.warmupShare(), progress);
            dampen(stage, rate, progress);
            optimizer.step(rate, config.momentum());
            Tensor scales = network.weights().normalize();
            if (factors != null) {
                factors.normalize(scales);
            }
            average.update();
        }
        return loss;
    }

    private void dampen(Stage stage, double rate, double progress) {
        if (stage.quantized() && config.dampening() > 0) {
            double rise = stage == Stage.QUANTIZATION ? progress : 1;
            network.weights().dampen(Math.min(1, config.dampening() * rise * rate));
        }
    }

    @SuppressWarnings("try")
    private Tensor taught(Tensor images) {
        try (NoGradient off = NoGradient.open()) {
            return teacher.forward(images, Mode.EVALUATE_FLOAT);
        }
    }

    private void refresh(boolean pruningRises, Stage stage, int done, double pruning) {
        if (done % REFRESH != 0) {
            return;
        }
        if (pruningRises) {
            network.prune(pruning);
        }
        if (pruningRises || config.weightSteps() == WeightSteps.MEAN_SQUARE) {
            network.resetSteps();
        }
    }

    /** Whether a quantized step has the host look at weights or feature maps, and so wait for the device. */
    private boolean readsDevice(int done) {
        return observes(done) || done % REFRESH == 0;
    }

    private boolean observes(int done) {
        return config.activationSteps() == ActivationSteps.MOVING_RANGE
                && (done < FIRST_OBSERVATIONS || done % OBSERVE == 0);
    }

    /** Brings weights that were changed as a whole to a root mean square of 1; batch norms make up for it. */
    @SuppressWarnings("try")
    private void normalize() {
        if (!network.usesBatchStatistics()) {
            network.load(network.parameters()); // changes what stands for the statistics with the weights
            return;
        }
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            network.weights().normalize();
        }
    }

    /** Has the batch norms know the pictures under the weights as they are. */
    private void recalibrate(Stage stage) {
        observation.takeStatistics(epochsDone, config.recalibrationBatches(), stage.quantized());
    }

    private void report(TrainedNetwork trained) {
        Metric metric = trained.metric();
        String figures = metric + ": fake-quantized " + metric.display(trained.quantizedMetric()) + ", integer "
                + metric.display(trained.integerMetric());
        double greatestGap = trainer.task().greatestGap();
        boolean gap = Math.abs(trained.quantizedMetric() - trained.integerMetric()) > greatestGap;
        trainer.listener().on(gap
                ? Message.warning(figures + "; they should differ by at most " + metric.display(greatestGap))
                : Message.info(figures));
    }

    @Override
    public void close() {
        examples.close();
        dropFactors();
        optimizer.close();
        network.close();
        if (teacher != null) {
            teacher.close();
        }
    }
}
