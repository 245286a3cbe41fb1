package io.udc.search.task;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Shape;
import io.udc.data.Augmentation;
import io.udc.data.Batch;
import io.udc.data.BatchLoader;
import io.udc.data.ClassificationData;
import io.udc.data.DatasetSplit;
import io.udc.data.Examples;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.memory.StepScope;
import io.udc.search.space.Head;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.SearchSettings;
import io.udc.search.train.Metric;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.Objective;
import io.udc.search.train.TrainingConfig;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Puts pictures into classes. Immutable. */
public final class ClassificationTask implements SearchTask {

    private static final int EVALUATION_BATCH = 250;

    private final String name;
    private final ClassificationData data;

    /** @param name of the data set */
    public ClassificationTask(String name, ClassificationData data) {
        this.name = name;
        this.data = data;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Metric metric() {
        return Metric.ACCURACY;
    }

    @Override
    public Shape inputShape() {
        return data.train().imageShape();
    }

    @Override
    public Head head() {
        return new Head.Classifier(classNames().size());
    }

    @Override
    public List<String> classNames() {
        return data.train().classNames();
    }

    @Override
    public Normalization normalization() {
        return data.normalization();
    }

    @Override
    public void check(Architecture architecture) {
        if (!architecture.input().equals(inputShape())) {
            throw new InputException("found a network for pictures of " + architecture.input()
                    + ", expected the data set's " + inputShape());
        }
        long outputs = architecture.shapes().get(architecture.output().name()).elements();
        int classes = classNames().size();
        if (outputs != classes) {
            throw new InputException("found a network with " + outputs + " outputs, expected one for each "
                    + "of the data set's " + classes + " classes");
        }
    }

    @Override
    public Examples examples(TrainingConfig config, long seed, Device device) {
        return BatchLoader.builder(data.train())
                .setBatchSize(config.batchSize())
                .optAugmentation(augmentation(config))
                .optSeed(seed)
                .optShuffle(true)
                .optDropLast(data.train().size() >= config.batchSize())
                .buildFor(device);
    }

    private static Augmentation augmentation(TrainingConfig config) {
        Augmentation augmentation = switch (config.augmentation()) {
            case NONE -> new Augmentation.None();
            case PAD_CROP_FLIP -> new Augmentation.PadCropFlip(config.cropPadding());
            case RANDOM_RESIZED_CROP -> new Augmentation.RandomResizedCrop(config.minCropArea());
        };
        return augmentation.withCutout(config.cutout());
    }

    @Override
    public Objective objective(TrainingConfig config) {
        return new ClassificationObjective(config);
    }

    @Override
    public SearchFeed feed(SearchSettings settings, TrainingConfig training, long seed, Device device) {
        int[][] split = DatasetSplit.split(data.train(), settings.decisionShare(), seed);
        for (int[] part : split) {
            if (part.length == 0) {
                throw new InputException("search.decisionShare: found " + settings.decisionShare() + ", which leaves "
                        + split[0].length + " pictures for weights and " + split[1].length + " for decisions of "
                        + data.train().size() + " in " + classNames().size() + " classes; expected some for both");
            }
        }
        Augmentation augmentation = searchAugmentation(training);
        return new SearchFeed(
                searchExamples(split[0], settings.batchSize(), augmentation, seed, device),
                searchExamples(split[1], settings.batchSize(), augmentation, seed + 1, device),
                settings.batchSize(), data.normalization(), torch::cross_entropy_loss, device);
    }

    /** Searches have always cropped and mirrored where training resizes as well; presets rely on it. */
    static Augmentation searchAugmentation(TrainingConfig training) {
        return training.augmentation() == TrainingConfig.AugmentationKind.NONE
                ? new Augmentation.None()
                : new Augmentation.PadCropFlip(training.cropPadding());
    }

    private Examples searchExamples(
            int[] indices, int batchSize, Augmentation augmentation, long seed, Device device) {
        return BatchLoader.builder(data.train())
                .setBatchSize(Math.min(batchSize, indices.length))
                .optIndices(indices)
                .optAugmentation(augmentation)
                .optSeed(seed)
                .optShuffle(true)
                .optDropLast(true)
                .buildFor(device);
    }

    @Override
    public NetworkParameters initial(Architecture architecture, long seed) {
        return NetworkParameters.random(architecture, seed);
    }

    @Override
    public List<Compression> competitors() {
        return List.of(new Compression(8, 0), new Compression(4, 0.75));
    }

    /** {@inheritDoc} Share of the test pictures, in percent, whose greatest output is that of their class. */
    @Override
    @SuppressWarnings("try")
    public double evaluate(Architecture architecture, UnaryOperator<Tensor> network) {
        long right = 0;
        try (BatchLoader loader =
                BatchLoader.builder(data.test()).setBatchSize(EVALUATION_BATCH).build()) {
            for (Batch batch : loader.epoch(0)) {
                try (batch;
                        StepScope step = StepScope.open()) {
                    right += right(network.apply(batch.images()), batch.targets());
                }
            }
        }
        return 100.0 * right / data.test().size();
    }

    /** Of equal outputs the first counts, as in the integer network. */
    private static long right(Tensor outputs, Tensor labels) {
        int pictures = (int) labels.numel();
        long[] expected = new long[pictures];
        new LongPointer(labels.data_ptr()).get(expected);
        float[] values = new float[Math.toIntExact(outputs.numel())];
        new FloatPointer(outputs.detach().cpu().contiguous().data_ptr()).get(values);
        int classes = values.length / pictures;
        long right = 0;
        for (int picture = 0; picture < pictures; picture++) {
            int best = 0;
            for (int i = 1; i < classes; i++) {
                if (values[picture * classes + i] > values[picture * classes + best]) {
                    best = i;
                }
            }
            right += best == expected[picture] ? 1 : 0;
        }
        return right;
    }

    /** 0.3 points, or ten pictures where these are more: roundings turn a picture here and there. */
    @Override
    public double greatestGap() {
        return Math.max(0.3, 100 * 10.0 / data.test().size());
    }

    @Override
    public double evaluate(IntegerModel model) {
        try (IntegerNetwork network = new IntegerNetwork(model)) {
            return 100 * network.accuracy(data.test());
        }
    }
}
