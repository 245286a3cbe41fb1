package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_quantize_layer;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Fixed-bit fake quantization of a whole network's pruned weights in one call, for the training stages:
 *
 * <pre>quantized = mask * step * clamp(round(w / step), -L, L),  L = 2^(bits-1) - 1</pre>
 *
 * and its gradients to the weights (straight-through, clipped to the range) and to the steps (LSQ, without
 * its scale factor); the formulas stand in udc/kernels.h. Runs where the tensors are. They belong to the
 * caller, who keeps them alive and in place as long as the quantizer.
 *
 * <p>Deterministic: the same input gives the same bits. Not thread-safe.
 */
public final class WeightQuantizer implements AutoCloseable {

    /**
     * One weight tensor; contiguous, all on one device.
     *
     * @param weights float32 [channels, ...]
     * @param steps float32 [channels]: quantization step of each output channel
     * @param mask uint8 of 0 and 1, shape of the weights, or null for ones
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
    private final KernelExecution execution;
    private final udc_quantize_layer descriptions;

    /**
     * @param tensors at least one
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public WeightQuantizer(List<Layer> tensors) {
        layers = List.copyOf(tensors);
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < layers.size(); i++) {
                check("layers[" + i + "].", layers.get(i));
            }
            execution = new KernelExecution(layers.get(0).weights);
            descriptions = scope.keep(new udc_quantize_layer(layers.size()));
            for (int i = 0; i < layers.size(); i++) {
                describe(layers.get(i), descriptions.getPointer(i));
            }
            execution.reserve((e, bytes, error) -> Kernels.udc_kernels_quantize_backward_workspace(
                    descriptions, layers.size(), e, bytes, error));
        }
    }

    private void check(String prefix, Layer layer) {
        Tensor weights = layer.weights;
        TensorChecks.requireWeights(prefix + "weights", weights, layers.get(0).weights);
        long channels = weights.size(0);
        TensorChecks.require(prefix + "steps", layer.steps, ScalarType.Float, weights, channels);
        TensorChecks.require(prefix + "quantized", layer.quantized, ScalarType.Float, weights);
        TensorChecks.require(prefix + "weightGradient", layer.weightGradient, ScalarType.Float, weights);
        if (layer.mask != null) {
            TensorChecks.require(prefix + "mask", layer.mask, ScalarType.Byte, weights);
        }
        if (layer.stepGradient != null) {
            TensorChecks.require(prefix + "stepGradient", layer.stepGradient, ScalarType.Float, weights, channels);
        }
    }

    private static void describe(Layer layer, udc_quantize_layer description) {
        description
                .weights(new FloatPointer(layer.weights.data_ptr()))
                .steps(new FloatPointer(layer.steps.data_ptr()))
                .mask(layer.mask == null ? null : new BytePointer(layer.mask.data_ptr()))
                .quantized(new FloatPointer(layer.quantized.data_ptr()))
                .channels(layer.weights.size(0))
                .per_channel(TensorChecks.perChannel(layer.weights))
                .bits(layer.bits)
                .straight_through_mask(0)
                .quantized_gradient((FloatPointer) null)
                .weight_gradient(new FloatPointer(layer.weightGradient.data_ptr()))
                .step_gradient(
                        layer.stepGradient == null ? null : new FloatPointer(layer.stepGradient.data_ptr()));
    }

    /** Writes every layer's {@code quantized} tensor. */
    public void forward() {
        execution.call((e, error) -> Kernels.udc_kernels_quantize_forward(descriptions, layers.size(), e, error));
    }

    /**
     * Writes every layer's weight and step gradient.
     *
     * @param gradients the gradient of the loss to each {@code quantized} tensor, in the order of the layers;
     *     may be the weight gradients themselves
     * @param straightThroughMask whether pruned weights receive gradients, so that they can come back
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void backward(List<Tensor> gradients, boolean straightThroughMask) {
        if (gradients.size() != layers.size()) {
            throw TensorChecks.found("gradients", gradients.size() + " tensors", Integer.toString(layers.size()));
        }
        try (StepScope scope = StepScope.open()) {
            for (int i = 0; i < layers.size(); i++) {
                Tensor gradient = gradients.get(i);
                TensorChecks.require("gradients[" + i + "]", gradient, ScalarType.Float, layers.get(i).weights);
                descriptions
                        .getPointer(i)
                        .quantized_gradient(new FloatPointer(gradient.data_ptr()))
                        .straight_through_mask(straightThroughMask ? 1 : 0);
            }
            execution.call((e, error) ->
                    Kernels.udc_kernels_quantize_backward(descriptions, layers.size(), e, error));
        }
    }

    @Override
    public void close() {
        descriptions.close();
        execution.close();
    }
}
