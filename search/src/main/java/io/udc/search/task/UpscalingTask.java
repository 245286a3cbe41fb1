package io.udc.search.task;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.data.Examples;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.image.Picture;
import io.udc.integer.IntegerModel;
import io.udc.memory.StepScope;
import io.udc.search.space.Head;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.SearchSettings;
import io.udc.search.train.Metric;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.Objective;
import io.udc.search.train.TrainingConfig;
import io.udc.sr.LumaTiles;
import io.udc.sr.PatchLoader;
import io.udc.sr.PictureUpscaler;
import io.udc.sr.SrDataset;
import io.udc.sr.SrFolder;
import io.udc.sr.SrOptions;
import io.udc.sr.SrScores;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/** Enlarges the luma of pictures. Immutable. */
public final class UpscalingTask implements SearchTask {

    /** The picture for which latency and memory are counted. */
    private static final int OUTPUT_HEIGHT = 1080;

    private static final int OUTPUT_WIDTH = 1920;

    /**
     * Middle grey is 0, and what a network adds to the small picture is of order 1: a step of a learning rate is
     * then a small change of a bias.
     */
    private static final Normalization NORMALIZATION = new Normalization(1.0 / 16, 0);

    /** Networks in training run on tiles with a halo of their receptive radius, or this if it is more. */
    private static final int LEAST_HALO = 64;

    private static final int TILE_SIDE = 192;
    private static final int LOADER_THREADS = 2;
    private static final int PREFETCHED_BATCHES = 8;

    private final SrOptions options;
    private final SrDataset train;
    private final SrDataset validation;

    private UpscalingTask(SrOptions options, SrDataset train, SrDataset validation) {
        this.options = options;
        this.train = train;
        this.validation = validation;
    }

    /**
     * Decodes a folder's pictures.
     *
     * @param folder in a layout that {@link SrFolder} knows
     * @param skipBad whether broken pictures are logged and counted instead of ending the run
     * @throws InputException naming the first broken file and the reason
     */
    public static UpscalingTask open(Path folder, SrOptions options, boolean skipBad) {
        SrFolder.Split split = SrFolder.split(folder, options.scale(), options.validationPictures());
        SrDataset train = SrDataset.openLuma(split.train(), options.scale(), options.patch(), skipBad);
        if (train.pictures().size() < 2) {
            throw new InputException(folder + ": found one picture to train on, expected two or more");
        }
        return new UpscalingTask(options, train, openValidation(split, options, skipBad));
    }

    /**
     * Decodes only those of a folder's pictures by which its networks are judged.
     *
     * @throws InputException as {@link #open} does
     */
    public static SrDataset openValidation(Path folder, SrOptions options, boolean skipBad) {
        return openValidation(
                SrFolder.split(folder, options.scale(), options.validationPictures()), options, skipBad);
    }

    private static SrDataset openValidation(SrFolder.Split split, SrOptions options, boolean skipBad) {
        return SrDataset.openLuma(split.validation(), options.scale(), options.patch(), skipBad);
    }

    /** The pictures to train on. */
    public SrDataset train() {
        return train;
    }

    /** The pictures by which networks are judged. */
    public SrDataset validation() {
        return validation;
    }

    @Override
    public String name() {
        return "sr";
    }

    @Override
    public Metric metric() {
        return Metric.PSNR;
    }

    /** {@inheritDoc} It is the one that becomes 1920x1080. */
    @Override
    public Shape inputShape() {
        int scale = options.scale();
        return new Shape(1, (OUTPUT_HEIGHT + scale - 1) / scale, (OUTPUT_WIDTH + scale - 1) / scale);
    }

    @Override
    public Head head() {
        return new Head.Upscaler(options.scale());
    }

    @Override
    public List<String> classNames() {
        return List.of();
    }

    @Override
    public Normalization normalization() {
        return NORMALIZATION;
    }

    @Override
    public void check(Architecture architecture) {
        int scale = PictureUpscaler.scale(architecture);
        if (scale != options.scale()) {
            throw new InputException("found a network of scale " + scale + ", expected " + options.scale());
        }
    }

    @Override
    public Examples examples(TrainingConfig config, long seed, Device device) {
        return patches(train, config.batchSize(), options.patchesPerEpoch(), seed);
    }

    @Override
    public Objective objective(TrainingConfig config) {
        return new UpscalingObjective(NORMALIZATION, config.distillationWeight());
    }

    @Override
    public SearchFeed feed(SearchSettings settings, TrainingConfig training, long seed, Device device) {
        int pictures = train.pictures().size();
        int count = (int) Math.round(settings.decisionShare() * pictures);
        SrDataset.Split split = train.split(Math.min(Math.max(count, 1), pictures - 1));
        int decisionPatches = (int) Math.round(settings.decisionShare() * options.patchesPerEpoch());
        int weightPatches = options.patchesPerEpoch() - decisionPatches;
        UpscalingObjective objective = new UpscalingObjective(NORMALIZATION, 0);
        return new SearchFeed(
                patches(split.first(), settings.batchSize(), weightPatches, seed),
                patches(split.second(), settings.batchSize(), decisionPatches, seed + 1),
                settings.batchSize(), NORMALIZATION, objective::ofOriginals, device);
    }

    private Examples patches(SrDataset pictures, int batchSize, int patches, long seed) {
        return new PatchLoader(pictures, options.patch(), batchSize, Math.max(1, patches / batchSize), seed,
                LOADER_THREADS, PREFETCHED_BATCHES);
    }

    /** {@inheritDoc} Without batch norm, outputs are of order 1 if each layer divides by the root of its inputs. */
    @Override
    public NetworkParameters initial(Architecture architecture, long seed) {
        Map<String, float[]> values =
                new LinkedHashMap<>(NetworkParameters.random(architecture, seed).values());
        List<WeightedNode> layers = architecture.weightedNodes();
        for (WeightedNode layer : layers) {
            double residual = layer == layers.get(layers.size() - 1) ? Head.Upscaler.INITIAL_RESIDUAL : 1;
            Arrays.fill(values.get(layer.name() + ".variance"),
                    (float) (architecture.weightShape(layer).perChannel() / (residual * residual)));
        }
        return NetworkParameters.of(architecture, values);
    }

    @Override
    public List<Compression> competitors() {
        return List.of(new Compression(8, 0), new Compression(4, 0.5));
    }

    /** {@inheritDoc} The mean PSNR of the validation pictures' luma. */
    @Override
    public double evaluate(Architecture architecture, UnaryOperator<Tensor> network) {
        int halo = Math.max(LEAST_HALO, PictureUpscaler.receptiveRadius(architecture));
        LumaTiles tiles = new LumaTiles(options.scale(), TILE_SIDE, halo);
        return SrScores.of(validation, luma -> tiles.enlarge(luma, part -> pixels(network, part))).mean().psnr();
    }

    private byte[] pixels(UnaryOperator<Tensor> network, Picture part) {
        try (StepScope step = StepScope.open()) {
            Tensor input = Tensor.create(part.planes(), false, 1, 1, part.height(), part.width());
            Tensor output = network.apply(input);
            float[] values = new float[Math.toIntExact(output.numel())];
            new FloatPointer(output.detach().cpu().contiguous().data_ptr()).get(values);
            byte[] pixels = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                long pixel = Math.round(values[i] / NORMALIZATION.scale()) + Normalization.PIXEL_OFFSET
                        + NORMALIZATION.zeroPoint();
                pixels[i] = (byte) Math.max(0, Math.min(255, pixel));
            }
            return pixels;
        }
    }

    /** 0.1 dB. */
    @Override
    public double greatestGap() {
        return 0.1;
    }

    @Override
    public double evaluate(IntegerModel model) {
        PictureUpscaler upscaler = new PictureUpscaler(model);
        return SrScores.of(validation, upscaler::enlarge).mean().psnr();
    }
}
