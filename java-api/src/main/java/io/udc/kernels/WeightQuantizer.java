package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.bindings.Kernels.udc_kernels_execution;
import io.udc.bindings.Kernels.udc_mask_layer;
import io.udc.bindings.Kernels.udc_quantize_layer;
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
 * Fixed-bit fake quantization and pruning of a whole network's weights in one call, for the training stages:
 *
 * <pre>quantized = mask * step * clamp(round(w / step), -L, L),  L = 2^(bits-1) - 1</pre>
 *
 * and its gradients to the weights (straight-through, clipped to the range) and to the steps (LSQ, without its scale
 * factor); the formulas stand in udc/kernels.h. The tensors belong to the caller, who keeps them alive and in place
 * as long as the quantizer.
 *
 * <p>Deterministic: the same input gives the same bits. Not thread-safe.
 */
public final class WeightQuantizer implements AutoCloseable {

    /**
     * One weight tensor; contiguous, in the memory of the CPU.
     *
     * @param weights float32 [channels, ...]
     * @param steps float32 [channels]: quantization step of each output channel
     * @param mask uint8 of 0 and 1, shape of the weights, or null for ones; {@link #updateMasks} writes it
     * @param quantized float32, shape of the weights, written by {@link #forward}
     * @param weightGradient float32, shape of the weights, written by {@link #backward}
     * @param stepGradient float32 [channels], written by {@link #backward}, or null
     * @param bits 2 to 16
     */
    public record Layer(
            Tensor weights,
            Tensor steps,
            Tensor mask,
            Tensor quantized,
            Tensor weightGradient,
            Tensor stepGradient,
            int bits) {}

    private final List<Layer> layers;
    private final udc_quantize_layer quantizeLayers;
    private final udc_threshold_layer thresholdLayers;
    private final udc_mask_layer maskLayers;
    private final udc_kernels_execution execution;
    private final udc_kernels_error error;
    private final DoublePointer sparsities;
    private final Tensor thresholds;
    private final Tensor tieLimits;
    private final BytePointer workspace;

    /**
     * @param layers the tensors, at least one
     * @param straightThroughMask whether pruned weights receive gradients, so that they can come back
     */
    public WeightQuantizer(List<Layer> layers, boolean straightThroughMask) {
        this.layers = List.copyOf(layers);
        long count = layers.size();
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < count; i++) {
                check(i, layers.get(i));
            }
            quantizeLayers = scope.keep(new udc_quantize_layer(count));
            thresholdLayers = scope.keep(new udc_threshold_layer(count));
            maskLayers = scope.keep(new udc_mask_layer(count));
            execution = scope.keep(new udc_kernels_execution());
            error = scope.keep(new udc_kernels_error());
            sparsities = scope.keep(new DoublePointer(count));
            thresholds = scope.keep(torch.zeros(count));
            TensorOptions int64 = new TensorOptions().dtype(new ScalarTypeOptional(ScalarType.Long));
            tieLimits = scope.keep(torch.zeros(new long[] {count}, int64));
            Pointer.memset(execution, 0, execution.sizeof());
            for (int i = 0; i < count; i++) {
                describe(i, straightThroughMask);
            }
            workspace = scope.keep(new BytePointer(Math.max(1, workspaceBytes())));
            execution.workspace(workspace).workspace_bytes(workspace.capacity());
        }
    }

    private static void check(int index, Layer layer) {
        String prefix = "layers[" + index + "].";
        TensorChecks.requireCpu(prefix + "weights", layer.weights);
        long[] sizes = layer.weights.shape();
        TensorChecks.require(prefix + "weights", layer.weights, ScalarType.Float, sizes);
        TensorChecks.require(prefix + "steps", layer.steps, ScalarType.Float, sizes[0]);
        TensorChecks.require(prefix + "quantized", layer.quantized, ScalarType.Float, sizes);
        TensorChecks.require(prefix + "weightGradient", layer.weightGradient, ScalarType.Float, sizes);
        for (Tensor tensor : List.of(layer.steps, layer.quantized, layer.weightGradient)) {
            TensorChecks.requireSameDevice(prefix + "weights", layer.weights, tensor);
        }
        if (layer.mask != null) {
            TensorChecks.require(prefix + "mask", layer.mask, ScalarType.Byte, sizes);
        }
        if (layer.stepGradient != null) {
            TensorChecks.require(prefix + "stepGradient", layer.stepGradient, ScalarType.Float, sizes[0]);
        }
    }

    private void describe(int index, boolean straightThroughMask) {
        Layer layer = layers.get(index);
        FloatPointer weights = new FloatPointer(layer.weights.data_ptr());
        BytePointer mask = layer.mask == null ? null : new BytePointer(layer.mask.data_ptr());
        FloatPointer threshold = new FloatPointer(thresholds.data_ptr()).getPointer(index);
        LongPointer tieLimit = new LongPointer(tieLimits.data_ptr()).getPointer(index);
        long channels = layer.weights.size(0);
        quantizeLayers
                .getPointer(index)
                .weights(weights)
                .steps(new FloatPointer(layer.steps.data_ptr()))
                .mask(mask)
                .quantized(new FloatPointer(layer.quantized.data_ptr()))
                .channels(channels)
                .per_channel(layer.weights.numel() / Math.max(1, channels))
                .bits(layer.bits)
                .straight_through_mask(straightThroughMask ? 1 : 0)
                .quantized_gradient((FloatPointer) null)
                .weight_gradient(new FloatPointer(layer.weightGradient.data_ptr()))
                .step_gradient(
                        layer.stepGradient == null ? null : new FloatPointer(layer.stepGradient.data_ptr()));
        thresholdLayers
                .getPointer(index)
                .weights(weights)
                .count(layer.weights.numel())
                .sparsities(sparsities.getPointer(index))
                .thresholds(threshold)
                .tie_limits(tieLimit);
        maskLayers
                .getPointer(index)
                .weights(weights)
                .mask(mask)
                .threshold(threshold)
                .tie_limit(tieLimit)
                .count(layer.weights.numel());
    }

    private long workspaceBytes() {
        try (LongPointer needed = new LongPointer(1)) {
            KernelStatus.check(
                    Kernels.udc_kernels_quantize_backward_workspace(
                            quantizeLayers, layers.size(), execution, needed, error),
                    error);
            long bytes = needed.get();
            KernelStatus.check(
                    Kernels.udc_kernels_thresholds_workspace(
                            thresholdLayers, layers.size(), 1, execution, needed, error),
                    error);
            return Math.max(bytes, needed.get());
        }
    }

    /**
     * Writes every layer's mask, so that exactly n - floor(s n + 0.5) of its n weights, the largest, survive.
     *
     * @param layerSparsities share of pruned weights of each layer, 0 to 1
     */
    public void updateMasks(double[] layerSparsities) {
        if (layerSparsities.length != layers.size()) {
            throw new IllegalArgumentException("layerSparsities: found " + layerSparsities.length
                    + " values, expected " + layers.size());
        }
        sparsities.put(layerSparsities, 0, layerSparsities.length);
        KernelStatus.check(
                Kernels.udc_kernels_thresholds(thresholdLayers, layers.size(), 1, execution, error), error);
        KernelStatus.check(Kernels.udc_kernels_make_masks(maskLayers, layers.size(), execution, error), error);
    }

    /** Sets every weight whose mask is 0 to zero, in place. */
    public void applyMasks() {
        KernelStatus.check(Kernels.udc_kernels_apply_masks(maskLayers, layers.size(), execution, error), error);
    }

    /** Writes every layer's {@code quantized} tensor. */
    public void forward() {
        KernelStatus.check(
                Kernels.udc_kernels_quantize_forward(quantizeLayers, layers.size(), execution, error), error);
    }

    /**
     * Writes every layer's weight and step gradient.
     *
     * @param gradients the gradient of the loss to each {@code quantized} tensor, in the order of the layers
     */
    public void backward(List<Tensor> gradients) {
        if (gradients.size() != layers.size()) {
            throw new IllegalArgumentException(
                    "gradients: found " + gradients.size() + " tensors, expected " + layers.size());
        }
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < layers.size(); i++) {
                Tensor gradient = gradients.get(i);
                Layer layer = layers.get(i);
                String argument = "gradients[" + i + "]";
                TensorChecks.require(argument, gradient, ScalarType.Float, layer.weights.shape());
                TensorChecks.requireSameDevice(argument, gradient, layer.weights);
                quantizeLayers.getPointer(i).quantized_gradient(new FloatPointer(gradient.data_ptr()));
            }
            KernelStatus.check(
                    Kernels.udc_kernels_quantize_backward(quantizeLayers, layers.size(), execution, error),
                    error);
        }
    }

    @Override
    public void close() {
        for (Pointer owned : List.of(
                quantizeLayers, thresholdLayers, maskLayers, execution, error, sparsities, thresholds, tieLimits,
                workspace)) {
            owned.close();
        }
    }
}
