package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_mix_layer;
import io.udc.bindings.Kernels.udc_mix_options;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixes every weight bit width and sparsity of a whole network in one call:
 *
 * <pre>W_eff = mask * (sum_s p_s 1[w survives s]) * (sum_b p_b Q_b(w))</pre>
 *
 * for all layers at once, and sends the gradient of W_eff back to the weights, the probabilities and the masks
 * (UDC, arXiv 2201.05842, section 3; the formulas stand in udc/kernels.h). Runs where the tensors are. Holds the
 * probability and gradient buffers; the weights belong to the caller, who keeps them alive and in place as long as the
 * mixer.
 *
 * <p>Deterministic: the same input gives the same bits. Not thread-safe.
 */
public final class WeightMixer implements AutoCloseable {

    /**
     * One weight tensor; all float32, contiguous and on one device.
     *
     * @param weights [channels, ...], read by {@link #forward} and {@link #backward}
     * @param mixed same shape, written by {@link #forward}
     * @param weightGradient same shape, written by {@link #backward}
     * @param steps [channels, bit widths]: quantization step of each output channel
     * @param positionMask [weights per channel], or null for ones: multiplies W_eff at each kernel position
     * @param positionMaskGradient same shape, written by {@link #backward}; null where the mask is
     */
    public record Layer(
            Tensor weights,
            Tensor mixed,
            Tensor weightGradient,
            Tensor steps,
            Tensor positionMask,
            Tensor positionMaskGradient) {}

    private final List<Layer> layers;
    private final KernelExecution execution;
    private final udc_mix_layer descriptions;
    private final udc_mix_options options;
    private final Thresholds thresholds;
    private final ChannelNormalizer normalizer;
    private final Tensor bitProbabilities;
    private final Tensor sparsityProbabilities;
    private final Tensor bitGradient;
    private final Tensor sparsityGradient;

    /**
     * @param tensors at least one
     * @param bitWidths bit widths to mix, 2 to 16
     * @param sparsityLevels shares of pruned weights to mix, 0 to 1
     * @param straightThroughMask whether pruned weights receive gradients, so that they can come back
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public WeightMixer(
            List<Layer> tensors, int[] bitWidths, double[] sparsityLevels, boolean straightThroughMask) {
        layers = List.copyOf(tensors);
        int count = layers.size();
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < count; i++) {
                check("layers[" + i + "].", layers.get(i), bitWidths.length);
            }
            List<Tensor> weights = layers.stream().map(Layer::weights).toList();
            execution = new KernelExecution(weights.get(0));
            bitProbabilities = execution.zeros(ScalarType.Float, count, bitWidths.length);
            sparsityProbabilities = execution.zeros(ScalarType.Float, count, sparsityLevels.length);
            bitGradient = execution.zeros(ScalarType.Float, count, bitWidths.length);
            sparsityGradient = execution.zeros(ScalarType.Float, count, sparsityLevels.length);
            thresholds = new Thresholds(weights, sparsityLevels.length, execution);
            normalizer = new ChannelNormalizer(weights);
            options = scope.keep(options(bitWidths, sparsityLevels.length, straightThroughMask));
            descriptions = scope.keep(new udc_mix_layer(count));
            for (int i = 0; i < count; i++) {
                thresholds.set(i, sparsityLevels);
                describe(i);
            }
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_mix_backward_workspace(
                    descriptions, count, options, e, bytes, error));
        }
    }

    private void check(String prefix, Layer layer, int bitOptions) {
        Tensor weights = layer.weights;
        TensorChecks.requireWeights(prefix + "weights", weights, layers.get(0).weights);
        TensorChecks.require(prefix + "mixed", layer.mixed, ScalarType.Float, weights);
        TensorChecks.require(prefix + "weightGradient", layer.weightGradient, ScalarType.Float, weights);
        TensorChecks.require(prefix + "steps", layer.steps, ScalarType.Float, weights, weights.size(0), bitOptions);
        if (layer.positionMask != null) {
            long perChannel = TensorChecks.perChannel(weights);
            TensorChecks.require(prefix + "positionMask", layer.positionMask, ScalarType.Float, weights, perChannel);
            TensorChecks.require(prefix + "positionMaskGradient", layer.positionMaskGradient, ScalarType.Float, weights,
                    perChannel);
        }
    }

    private static udc_mix_options options(int[] bitWidths, int sparsityOptions, boolean straightThroughMask) {
        udc_mix_options options = new udc_mix_options()
                .bit_options(bitWidths.length)
                .sparsity_options(sparsityOptions)
                .straight_through_mask(straightThroughMask ? 1 : 0);
        for (int i = 0; i < Math.min(bitWidths.length, Kernels.UDC_KERNELS_MAX_OPTIONS); i++) {
            options.bit_widths(i, bitWidths[i]);
        }
        return options;
    }

    private void describe(int index) {
        Layer layer = layers.get(index);
        FloatPointer none = null;
        descriptions
                .getPointer(index)
                .weights(floats(layer.weights))
                .mixed(floats(layer.mixed))
                .steps(floats(layer.steps))
                .bit_probabilities(row(bitProbabilities, index))
                .sparsity_probabilities(row(sparsityProbabilities, index))
                .thresholds(thresholds.thresholds(index))
                .tie_limits(thresholds.tieLimits(index))
                .mask(floats(layer.positionMask))
                .channel_mask(none)
                .channels(layer.weights.size(0))
                .per_channel(TensorChecks.perChannel(layer.weights))
                .mixed_gradient(none)
                .weight_gradient(floats(layer.weightGradient))
                .bit_gradient(row(bitGradient, index))
                .sparsity_gradient(row(sparsityGradient, index))
                .step_gradient(none)
                .mask_gradient(layer.positionMask == null ? none : floats(layer.positionMaskGradient))
                .channel_mask_gradient(none);
    }

    /** Probabilities of the bit widths, [layers, bit widths]: fill before {@link #forward}. */
    public Tensor bitProbabilities() {
        return bitProbabilities;
    }

    /** Probabilities of the sparsities, [layers, sparsities]: fill before {@link #forward}. */
    public Tensor sparsityProbabilities() {
        return sparsityProbabilities;
    }

    /** What {@link #backward} found for {@link #bitProbabilities}, same shape. */
    public Tensor bitGradient() {
        return bitGradient;
    }

    /** What {@link #backward} found for {@link #sparsityProbabilities}, same shape. */
    public Tensor sparsityGradient() {
        return sparsityGradient;
    }

    /** Finds, for every layer and sparsity, the exact magnitude that separates survivors from pruned weights. */
    public void updateThresholds() {
        thresholds.update();
    }

    /** Writes every layer's {@code mixed} tensor. */
    public void forward() {
        execution.call((e, error) ->
                Kernels.udc_kernels_mix_forward(descriptions, layers.size(), options, e, error));
    }

    /**
     * Writes every layer's weight gradient and the gradients of the probabilities and masks.
     *
     * @param mixedGradients the gradient of the loss to each {@code mixed} tensor, in the order of the layers
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void backward(List<Tensor> mixedGradients) {
        if (mixedGradients.size() != layers.size()) {
            throw TensorChecks.found(
                    "mixedGradients", mixedGradients.size() + " tensors", Integer.toString(layers.size()));
        }
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < layers.size(); i++) {
                Tensor gradient = mixedGradients.get(i);
                TensorChecks.require(
                        "mixedGradients[" + i + "]", gradient, ScalarType.Float, layers.get(i).mixed);
                descriptions.getPointer(i).mixed_gradient(floats(gradient));
            }
            execution.call((e, error) ->
                    Kernels.udc_kernels_mix_backward(descriptions, layers.size(), options, e, error));
        }
    }

    /** Scales every output channel of every layer's weights to a root mean square of 1, in place. */
    public void normalizeChannels() {
        normalizer.normalize();
    }

    @Override
    public void close() {
        List.<Pointer>of(descriptions, options, bitProbabilities, sparsityProbabilities, bitGradient, sparsityGradient)
                .forEach(Pointer::close);
        thresholds.close();
        normalizer.close();
        execution.close();
    }

    private static FloatPointer floats(Tensor tensor) {
        return tensor == null ? null : new FloatPointer(tensor.data_ptr());
    }

    private static FloatPointer row(Tensor table, int row) {
        return floats(table).getPointer(row * table.size(1));
    }
}
