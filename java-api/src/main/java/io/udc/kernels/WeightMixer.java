package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.bindings.Kernels.udc_kernels_execution;
import io.udc.bindings.Kernels.udc_mix_layer;
import io.udc.bindings.Kernels.udc_mix_options;
import io.udc.bindings.Kernels.udc_normalize_layer;
import io.udc.bindings.Kernels.udc_threshold_layer;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mixes every weight bit width and sparsity of a whole network in one call:
 *
 * <pre>W_eff = mask * (sum_s p_s 1[w survives s]) * (sum_b p_b Q_b(w))</pre>
 *
 * for all layers at once, and sends the gradient of W_eff back to the weights, the probabilities and the masks
 * (UDC, arXiv 2201.05842, section 3; the formulas stand in udc/kernels.h). Holds the probability and gradient
 * buffers; the weights belong to the caller, who keeps them alive and in place as long as the mixer.
 *
 * <p>Deterministic: the same input gives the same bits. Not thread-safe.
 */
public final class WeightMixer implements AutoCloseable {

    /**
     * One weight tensor; all float32 and contiguous.
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
    private final int bitOptions;
    private final int sparsityOptions;
    private final udc_mix_layer mixLayers;
    private final udc_threshold_layer thresholdLayers;
    private final udc_normalize_layer normalizeLayers;
    private final udc_mix_options options;
    private final udc_kernels_execution execution;
    private final udc_kernels_error error;
    private final DoublePointer sparsities;
    private final Tensor bitProbabilities;
    private final Tensor sparsityProbabilities;
    private final Tensor bitGradient;
    private final Tensor sparsityGradient;
    private final Tensor thresholds;
    private final Tensor tieLimits;
    private final BytePointer workspace;

    /**
     * @param layers the tensors, at least one
     * @param bitWidths bit widths to mix, 2 to 8
     * @param sparsityLevels shares of pruned weights to mix, 0 to below 1
     * @param straightThroughMask whether pruned weights receive gradients, so that they can come back
     */
    public WeightMixer(
            List<Layer> layers, int[] bitWidths, double[] sparsityLevels, boolean straightThroughMask) {
        this.layers = List.copyOf(layers);
        this.bitOptions = bitWidths.length;
        this.sparsityOptions = sparsityLevels.length;
        long count = layers.size();
        try (StepScope scope = StepScope.open()) {
            mixLayers = scope.keep(new udc_mix_layer(count));
            thresholdLayers = scope.keep(new udc_threshold_layer(count));
            normalizeLayers = scope.keep(new udc_normalize_layer(count));
            options = scope.keep(new udc_mix_options());
            execution = scope.keep(new udc_kernels_execution());
            error = scope.keep(new udc_kernels_error());
            sparsities = scope.keep(new DoublePointer(sparsityLevels));
            bitProbabilities = scope.keep(torch.zeros(count, bitOptions));
            sparsityProbabilities = scope.keep(torch.zeros(count, sparsityOptions));
            bitGradient = scope.keep(torch.zeros(count, bitOptions));
            sparsityGradient = scope.keep(torch.zeros(count, sparsityOptions));
            thresholds = scope.keep(torch.zeros(count, sparsityOptions));
            TensorOptions int64 =
                    new TensorOptions().dtype(new ScalarTypeOptional(ScalarType.Long));
            tieLimits = scope.keep(torch.zeros(new long[] {count, sparsityOptions}, int64));
            Pointer.memset(execution, 0, execution.sizeof());
            describe(bitWidths, straightThroughMask);
            workspace = scope.keep(new BytePointer(Math.max(1, workspaceBytes())));
            execution.workspace(workspace).workspace_bytes(workspace.capacity());
        }
    }

    private void describe(int[] bitWidths, boolean straightThroughMask) {
        options.bit_options(bitOptions).sparsity_options(sparsityOptions)
                .straight_through_mask(straightThroughMask ? 1 : 0);
        for (int i = 0; i < bitOptions; i++) {
            options.bit_widths(i, bitWidths[i]);
        }
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            check(i, layer);
            long channels = layer.weights.size(0);
            long perChannel = layer.weights.numel() / channels;
            mixLayers.position(i)
                    .weights(floats(layer.weights))
                    .mixed(floats(layer.mixed))
                    .steps(floats(layer.steps))
                    .bit_probabilities(row(bitProbabilities, i))
                    .sparsity_probabilities(row(sparsityProbabilities, i))
                    .thresholds(row(thresholds, i))
                    .tie_limits(longRow(tieLimits, i))
                    .mask(layer.positionMask == null ? null : floats(layer.positionMask))
                    .channel_mask(null)
                    .channels(channels)
                    .per_channel(perChannel)
                    .mixed_gradient(null)
                    .weight_gradient(floats(layer.weightGradient))
                    .bit_gradient(row(bitGradient, i))
                    .sparsity_gradient(row(sparsityGradient, i))
                    .step_gradient(null)
                    .mask_gradient(layer.positionMask == null ? null : floats(layer.positionMaskGradient))
                    .channel_mask_gradient(null);
            thresholdLayers.position(i)
                    .weights(floats(layer.weights))
                    .count(layer.weights.numel())
                    .sparsities(sparsities)
                    .thresholds(row(thresholds, i))
                    .tie_limits(longRow(tieLimits, i));
            normalizeLayers.position(i)
                    .weights(floats(layer.weights))
                    .factors(null)
                    .channels(channels)
                    .per_channel(perChannel);
        }
        mixLayers.position(0);
        thresholdLayers.position(0);
        normalizeLayers.position(0);
    }

    private void check(int index, Layer layer) {
        String prefix = "layers[" + index + "].";
        long[] sizes = layer.weights.shape();
        TensorChecks.require(prefix + "weights", layer.weights, ScalarType.Float, sizes);
        TensorChecks.require(prefix + "mixed", layer.mixed, ScalarType.Float, sizes);
        TensorChecks.require(prefix + "weightGradient", layer.weightGradient, ScalarType.Float, sizes);
        TensorChecks.require(prefix + "steps", layer.steps, ScalarType.Float, sizes[0], bitOptions);
        TensorChecks.requireSameDevice(prefix + "weights", layer.weights, bitProbabilities);
        if (layer.positionMask != null) {
            long perChannel = layer.weights.numel() / sizes[0];
            TensorChecks.require(prefix + "positionMask", layer.positionMask, ScalarType.Float, perChannel);
            TensorChecks.require(
                    prefix + "positionMaskGradient", layer.positionMaskGradient, ScalarType.Float, perChannel);
        }
    }

    private long workspaceBytes() {
        long bytes = 0;
        try (LongPointer needed = new LongPointer(1)) {
            // Gradients are set before each backward; any non-null address does for the size.
            for (int i = 0; i < layers.size(); i++) {
                mixLayers.position(i).mixed_gradient(floats(layers.get(i).mixed));
            }
            mixLayers.position(0);
            KernelStatus.check(
                    Kernels.udc_kernels_mix_backward_workspace(
                            mixLayers, layers.size(), options, execution, needed, error),
                    error);
            bytes = Math.max(bytes, needed.get());
            KernelStatus.check(
                    Kernels.udc_kernels_thresholds_workspace(
                            thresholdLayers, layers.size(), sparsityOptions, execution, needed, error),
                    error);
            return Math.max(bytes, needed.get());
        }
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
        KernelStatus.check(
                Kernels.udc_kernels_thresholds(thresholdLayers, layers.size(), sparsityOptions, execution, error),
                error);
    }

    /** Writes every layer's {@code mixed} tensor. */
    public void forward() {
        KernelStatus.check(
                Kernels.udc_kernels_mix_forward(mixLayers, layers.size(), options, execution, error), error);
    }

    /**
     * Writes every layer's weight gradient and the gradients of the probabilities and masks.
     *
     * @param mixedGradients the gradient of the loss to each {@code mixed} tensor, in the order of the layers
     */
    public void backward(List<Tensor> mixedGradients) {
        if (mixedGradients.size() != layers.size()) {
            throw new IllegalArgumentException("mixedGradients: found " + mixedGradients.size()
                    + " tensors, expected " + layers.size());
        }
        for (int i = 0; i < layers.size(); i++) {
            Tensor gradient = mixedGradients.get(i);
            TensorChecks.require("mixedGradients[" + i + "]", gradient, ScalarType.Float,
                    layers.get(i).mixed.shape());
            mixLayers.position(i).mixed_gradient(floats(gradient));
        }
        mixLayers.position(0);
        KernelStatus.check(
                Kernels.udc_kernels_mix_backward(mixLayers, layers.size(), options, execution, error), error);
    }

    /** Scales every output channel of every layer's weights to a root mean square of 1, in place. */
    public void normalizeChannels() {
        KernelStatus.check(
                Kernels.udc_kernels_normalize_channels(normalizeLayers, layers.size(), execution, error), error);
    }

    @Override
    public void close() {
        for (Pointer owned : List.of(mixLayers, thresholdLayers, normalizeLayers, options, execution, error,
                sparsities, bitProbabilities, sparsityProbabilities, bitGradient, sparsityGradient, thresholds,
                tieLimits, workspace)) {
            owned.close();
        }
    }

    private static FloatPointer floats(Tensor tensor) {
        return new FloatPointer(tensor.data_ptr());
    }

    private static FloatPointer row(Tensor table, int row) {
        return floats(table).getPointer(row * table.size(1));
    }

    private static LongPointer longRow(Tensor table, int row) {
        return new LongPointer(table.data_ptr()).getPointer(row * table.size(1));
    }
}
