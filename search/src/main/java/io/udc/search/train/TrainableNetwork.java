package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.data.Normalization;
import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.train.ParameterStore.Section;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A network whose parameters can be trained, in float or with fake-quantized weights and feature maps. Every
 * convolution is followed by batch norm, a dense layer by a gain and a bias per channel. The batch norms of
 * an upscaler never look at the batch, which would change the contrast of its pictures: their statistics stay
 * what they are given as, so that they too are a gain and a bias. Holds native memory until it is closed. Not
 * thread-safe.
 */
final class TrainableNetwork implements AutoCloseable {

    /** Added to variances. */
    static final double EPSILON = NormalizedMaps.EPSILON;

    /**
     * How to run.
     *
     * @param batchMomentum weight of this batch in the batch norms' statistics, which are then those of the
     *     batch; negative to use the kept statistics
     * @param quantized whether weights and feature maps are fake-quantized
     * @param observe whether the ranges of the feature maps follow this batch
     * @param precision of convolutions and of feature maps that are not quantized
     */
    record Mode(double batchMomentum, boolean quantized, boolean observe, Precision precision) {

        static final Mode EVALUATE_FLOAT = new Mode(-1, false, false);
        static final Mode EVALUATE_QUANTIZED = new Mode(-1, true, false);

        Mode(double batchMomentum, boolean quantized, boolean observe) {
            this(batchMomentum, quantized, observe, Precision.FLOAT32);
        }

        /** The same by the kept statistics. */
        Mode withKeptStatistics() {
            return new Mode(-1, quantized, observe, precision);
        }
    }

    /** The tensors of a weighted node; mean and variance are null for a dense one. */
    record Layer(
            LayerSlice slice,
            Tensor weight,
            Tensor quantizedWeight,
            Tensor gain,
            Tensor bias,
            Tensor mean,
            Tensor variance) {}

    private final Architecture architecture;
    private final Map<String, Shape> shapes;
    private final boolean batchStatistics;
    private final GraphCuts cuts = new GraphCuts();
    private final ParameterStore store;
    private final QuantizedWeights weights;
    private final QuantizedFeatures features;
    private final Map<String, Layer> layers = new LinkedHashMap<>();
    private boolean stepsKnown;

    TrainableNetwork(
            Architecture architecture, NetworkParameters parameters, Normalization normalization, Device device) {
        this.architecture = architecture;
        this.shapes = architecture.shapes();
        this.batchStatistics = architecture.upscaling().isEmpty();
        this.features = new QuantizedFeatures(architecture, normalization, cuts);
        this.store = new ParameterStore(architecture, features.count(), device);
        this.weights = new QuantizedWeights(store, device);
        features.attach(store, device);
        for (LayerSlice slice : store.slices()) {
            layers.put(slice.node().name(), layer(slice, device));
        }
        load(parameters);
    }

    Architecture architecture() {
        return architecture;
    }

    ParameterStore store() {
        return store;
    }

    QuantizedWeights weights() {
        return weights;
    }

    /** The tensors of a weighted node by its name. */
    Layer layer(String name) {
        return layers.get(name);
    }

    QuantizedFeatures features() {
        return features;
    }

    /** Whether batch norms follow the batches. */
    boolean usesBatchStatistics() {
        return batchStatistics;
    }

    /** Whether the parameters came with quantization steps. */
    boolean stepsKnown() {
        return stepsKnown;
    }

    /**
     * The network's output; everything it makes belongs to the open scope.
     *
     * @param images real values [N,C,H,W]
     * @return [N,C] of a classifier, else [N,C,H,W]
     */
    Tensor forward(Tensor images, Mode mode) {
        Mode used = batchStatistics ? mode : mode.withKeptStatistics();
        return new NetworkPass(architecture, shapes, layers, features, cuts, used).run(images);
    }

    /**
     * Adds the gradients of a loss to those in the store. Needs no gradient mode.
     *
     * @param loss made from the output of the last {@link #forward}
     * @param mode that of this forward
     * @param straightThroughMask whether pruned weights receive a gradient too
     */
    void backward(Tensor loss, Mode mode, boolean straightThroughMask) {
        loss.backward();
        cuts.backward();
        if (mode.quantized()) {
            weights.backward(straightThroughMask);
        }
    }

    /** All parameters, copied to the host, with steps and ranges if they are known. */
    NetworkParameters parameters() {
        Map<String, float[]> all = new LinkedHashMap<>();
        float[] quantizationSteps = weightSteps();
        layers.forEach((name, layer) -> {
            all.put(name + ".weight", ParameterStore.read(layer.weight()));
            all.put(name + ".gamma", ParameterStore.read(layer.gain()));
            all.put(name + ".beta", ParameterStore.read(layer.bias()));
            if (layer.mean() != null) {
                all.put(name + ".mean", ParameterStore.read(layer.mean()));
                all.put(name + ".variance", ParameterStore.read(layer.variance()));
            }
            if (stepsKnown) {
                int from = (int) layer.slice().channelOffset();
                all.put(name + ".step",
                        Arrays.copyOfRange(quantizationSteps, from, from + layer.slice().channels()));
            }
        });
        features.ranges().forEach((name, range) -> {
            if (range.seen()) {
                all.put(name + ".range", new float[] {(float) range.least(), (float) range.greatest()});
            }
        });
        return NetworkParameters.of(architecture, all);
    }

    /** Replaces all parameters and brings the weights to a root mean square of 1; the function stays. */
    final void load(NetworkParameters given) {
        NetworkParameters parameters = UnitScale.apply(architecture, given);
        stepsKnown = layers.keySet().stream().allMatch(name -> parameters.get(name + ".step") != null);
        layers.forEach((name, layer) -> {
            ParameterStore.write(layer.weight(), parameters.get(name + ".weight"));
            ParameterStore.write(layer.gain(), parameters.get(name + ".gamma"));
            ParameterStore.write(layer.bias(), parameters.get(name + ".beta"));
            if (layer.mean() != null) {
                ParameterStore.write(layer.mean(), parameters.get(name + ".mean"));
                ParameterStore.write(layer.variance(), parameters.get(name + ".variance"));
            }
        });
        if (stepsKnown) {
            float[] logs = new float[(int) store.size(Section.WEIGHT_STEPS)];
            for (LayerSlice slice : store.slices()) {
                float[] steps = parameters.get(slice.node().name() + ".step");
                for (int i = 0; i < steps.length; i++) {
                    logs[(int) slice.channelOffset() + i] = (float) Math.log(steps[i]);
                }
            }
            writeLogSteps(logs);
        }
        features.ranges().forEach((name, range) -> {
            float[] bounds = parameters.get(name + ".range");
            if (bounds != null) {
                range.set(bounds[0], bounds[1]);
            }
        });
    }

    /** Adds what the network consists of to a checkpoint. */
    void save(TrainingState.Tensors tensors) {
        tensors.floats("values", store.values());
        tensors.bytes("masks", weights.masks());
        layers.forEach((name, layer) -> {
            if (layer.mean() != null) {
                tensors.floats(name + ".mean", layer.mean());
                tensors.floats(name + ".variance", layer.variance());
            }
        });
    }

    /** Takes everything from a checkpoint. */
    void restore(TrainingState state) {
        state.restore("values", store.values());
        state.restore("masks", weights.masks());
        layers.forEach((name, layer) -> {
            if (layer.mean() != null) {
                state.restore(name + ".mean", layer.mean());
                state.restore(name + ".variance", layer.variance());
            }
        });
        stepsKnown = state.progress().stepsKnown();
        state.progress().ranges().forEach((name, bounds) -> {
            FeatureRange range = features.range(name);
            if (range == null || bounds.size() != 2) {
                throw new InputException("checkpoint: range of '" + name + "': not one of this network");
            }
            range.set(bounds.get(0), bounds.get(1));
        });
    }

    /** Marks, for the current weights, the survivors when a share of every layer's way to its sparsity is gone. */
    void prune(double progress) {
        weights.prune(slice -> PruningSchedule.cubic(slice.node().compression().sparsity(), progress));
    }

    /** Sets every channel's step to that of least square error for the weights that survive now. */
    @SuppressWarnings("try")
    void resetSteps() {
        try (StepScope scope = StepScope.open()) {
            float[] survivors = ParameterStore.read(store.values(Section.WEIGHTS).mul(weights.masks()));
            float[] logs = new float[(int) store.size(Section.WEIGHT_STEPS)];
            for (LayerSlice slice : store.slices()) {
                int perChannel = slice.shape().perChannel();
                for (int channel = 0; channel < slice.channels(); channel++) {
                    int begin = (int) slice.weightOffset() + channel * perChannel;
                    logs[(int) slice.channelOffset() + channel] = (float) Math.log(
                            StepSizes.leastSquares(survivors, begin, begin + perChannel, slice.maxLevel()));
                }
            }
            writeLogSteps(logs);
        }
        stepsKnown = true;
    }

    /** The weights' quantization steps, by output channel of all layers. */
    @SuppressWarnings("try")
    float[] weightSteps() {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            return ParameterStore.read(store.values(Section.WEIGHT_STEPS).exp());
        }
    }

    @SuppressWarnings("try")
    private void writeLogSteps(float[] logs) {
        try (StepScope scope = StepScope.open()) {
            ParameterStore.write(store.values(Section.WEIGHT_STEPS), logs);
        }
    }

    private Layer layer(LayerSlice slice, Device device) {
        long[] shape = slice.shape().sizes();
        long channels = slice.channels();
        boolean dense = slice.node() instanceof Dense;
        return new Layer(
                slice,
                store.leaf(Section.WEIGHTS, slice.weightOffset(), shape),
                store.leaf(weights.quantized(), Section.WEIGHTS, slice.weightOffset(), shape),
                store.leaf(Section.GAINS, slice.channelOffset(), channels),
                store.leaf(Section.BIASES, slice.channelOffset(), channels),
                dense ? null : store.flat(channels, torch.ScalarType.Float, device),
                dense ? null : store.flat(channels, torch.ScalarType.Float, device));
    }

    @Override
    public void close() {
        weights.close();
        store.close();
    }
}
