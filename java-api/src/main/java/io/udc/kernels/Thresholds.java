package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_threshold_layer;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The exact magnitudes that separate survivors from pruned weights, for several sparsities of each of a network's
 * tensors, with the tie limits that make their number exact. Not thread-safe.
 */
final class Thresholds implements AutoCloseable {

    private final KernelExecution execution;
    private final int options;
    private final int count;
    private final udc_threshold_layer layers;
    private final DoublePointer sparsities;
    private final Tensor thresholds;
    private final Tensor tieLimits;

    /**
     * @param weights checked tensors, at least one
     * @param options sparsities of each tensor
     * @param execution is given the workspace that {@link #update} needs
     */
    Thresholds(List<Tensor> weights, int options, KernelExecution execution) {
        this.execution = execution;
        this.options = options;
        this.count = weights.size();
        this.thresholds = execution.zeros(ScalarType.Float, count, options);
        this.tieLimits = execution.zeros(ScalarType.Long, count, options);
        try (StepScope scope = StepScope.open()) {
            layers = scope.keep(new udc_threshold_layer(count));
            sparsities = scope.keep(new DoublePointer(new double[count * options]));
            for (int i = 0; i < count; i++) {
                layers.getPointer(i)
                        .weights(new FloatPointer(weights.get(i).data_ptr()))
                        .count(weights.get(i).numel())
                        .sparsities(sparsities.getPointer((long) i * options))
                        .thresholds(thresholds(i))
                        .tie_limits(tieLimits(i));
            }
        }
        execution.reserve((e, bytes, error) ->
                Kernels.udc_kernels_thresholds_workspace(layers, count, options, e, bytes, error));
    }

    /** Sets the sparsities of a tensor, each 0 to 1. */
    void set(int layer, double... shares) {
        for (int i = 0; i < options; i++) {
            sparsities.put((long) layer * options + i, shares[i]);
        }
    }

    /** Finds the thresholds of the weights as they are now. */
    void update() {
        execution.call((e, error) -> Kernels.udc_kernels_thresholds(layers, count, options, e, error));
    }

    /** The thresholds of one tensor, in the memory of the device. */
    FloatPointer thresholds(int layer) {
        return new FloatPointer(thresholds.data_ptr()).getPointer((long) layer * options);
    }

    /** The tie limits of one tensor, in the memory of the device. */
    LongPointer tieLimits(int layer) {
        return new LongPointer(tieLimits.data_ptr()).getPointer((long) layer * options);
    }

    @Override
    public void close() {
        List.<Pointer>of(layers, sparsities, thresholds, tieLimits).forEach(Pointer::close);
    }
}
