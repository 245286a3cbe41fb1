package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_mask_layer;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Marks the weights of greatest magnitude of every tensor of a network, in one call: of n weights exactly n - floor(s n
 * + 0.5) survive a sparsity of s, of equal ones the first.
 *
 * <p>The tensors belong to the caller, who keeps them alive and in place as long as the pruner. Deterministic: the same
 * input gives the same bits. Not thread-safe.
 */
public final class MagnitudePruner implements AutoCloseable {

    /**
     * One weight tensor; contiguous, all on one device.
     *
     * @param weights float32 of any shape
     * @param mask uint8, same shape: 1 for survivors, 0 for the others
     */
    public record Layer(Tensor weights, Tensor mask) {}

    private final KernelExecution execution;
    private final Thresholds thresholds;
    private final udc_mask_layer layers;
    private final int count;

    /**
     * @param tensors at least one
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public MagnitudePruner(List<Layer> tensors) {
        count = tensors.size();
        try (StepScope scope = StepScope.open()) {
            Tensor first = tensors.get(0).weights;
            for (int i = 0; i < count; i++) {
                String prefix = "layers[" + i + "].";
                Layer layer = tensors.get(i);
                TensorChecks.requireContiguous(prefix + "weights", layer.weights, ScalarType.Float, first);
                TensorChecks.require(prefix + "mask", layer.mask, ScalarType.Byte, layer.weights);
            }
            execution = new KernelExecution(first);
            thresholds = new Thresholds(tensors.stream().map(Layer::weights).toList(), 1, execution);
            layers = scope.keep(new udc_mask_layer(count));
            for (int i = 0; i < count; i++) {
                layers.getPointer(i)
                        .weights(new FloatPointer(tensors.get(i).weights.data_ptr()))
                        .mask(new BytePointer(tensors.get(i).mask.data_ptr()))
                        .threshold(thresholds.thresholds(i))
                        .tie_limit(thresholds.tieLimits(i))
                        .count(tensors.get(i).weights.numel());
            }
        }
    }

    /**
     * Writes every mask for the weights as they are now.
     *
     * @param sparsities share of pruned weights of each tensor, 0 to 1
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public void updateMasks(double[] sparsities) {
        if (sparsities.length != count) {
            throw TensorChecks.found("sparsities", sparsities.length + " values", Integer.toString(count));
        }
        for (int i = 0; i < count; i++) {
            thresholds.set(i, sparsities[i]);
        }
        thresholds.update();
        execution.call((e, error) -> Kernels.udc_kernels_make_masks(layers, count, e, error));
    }

    /** Sets every weight whose mask is 0 to zero, in place. */
    public void applyMasks() {
        execution.call((e, error) -> Kernels.udc_kernels_apply_masks(layers, count, e, error));
    }

    /**
     * The survivors among weights on the host.
     *
     * @param sparsity share of pruned weights, 0 to 1
     * @return 1 for survivors, 0 for the others, in the order of the weights
     */
    public static byte[] mask(float[] weights, double sparsity) {
        byte[] mask = new byte[weights.length];
        try (StepScope scope = StepScope.open()) {
            Tensor values = Tensor.create(weights);
            Tensor survivors = torch.zeros_like(values).to(ScalarType.Byte);
            try (MagnitudePruner pruner = new MagnitudePruner(List.of(new Layer(values, survivors)))) {
                pruner.updateMasks(new double[] {sparsity});
            }
            new BytePointer(survivors.data_ptr()).get(mask);
        }
        return mask;
    }

    /**
     * Weights on the host, those that do not survive 0.
     *
     * @param sparsity share of pruned weights, 0 to 1
     */
    public static float[] pruned(float[] weights, double sparsity) {
        byte[] mask = mask(weights, sparsity);
        float[] survivors = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            survivors[i] = mask[i] == 0 ? 0 : weights[i];
        }
        return survivors;
    }

    @Override
    public void close() {
        layers.close();
        thresholds.close();
        execution.close();
    }
}
