package io.udc.kernels;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_normalize_layer;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Scales every output channel of a network's weights to a root mean square of 1, in place and in one call. A channel
 * whose root mean square is 0 or not finite stays as it is.
 *
 * <p>The weights belong to the caller, who keeps them alive and in place as long as the normalizer. Deterministic: the
 * same input gives the same bits. Not thread-safe.
 */
public final class ChannelNormalizer implements AutoCloseable {

    private final KernelExecution execution;
    private final udc_normalize_layer layers;
    private final int count;
    private final Tensor factors;

    /**
     * @param weights float32 [channels, ...], contiguous, all on one device; at least one
     * @throws IllegalArgumentException naming the argument, what was found and what is expected
     */
    public ChannelNormalizer(List<Tensor> weights) {
        count = weights.size();
        try (StepScope scope = StepScope.open()) {
            long channels = 0;
            for (int i = 0; i < count; i++) {
                TensorChecks.requireWeights("weights[" + i + "]", weights.get(i), weights.get(0));
                channels += weights.get(i).size(0);
            }
            execution = new KernelExecution(weights.get(0));
            factors = execution.zeros(ScalarType.Float, channels);
            layers = scope.keep(new udc_normalize_layer(count));
            long first = 0;
            for (int i = 0; i < count; i++) {
                Tensor tensor = weights.get(i);
                layers.getPointer(i)
                        .weights(new FloatPointer(tensor.data_ptr()))
                        .factors(new FloatPointer(factors.data_ptr()).getPointer(first))
                        .channels(tensor.size(0))
                        .per_channel(TensorChecks.perChannel(tensor));
                first += tensor.size(0);
            }
        }
    }

    /**
     * Scales the weights.
     *
     * @return float32 [channels of all tensors]: what each channel was multiplied with; belongs to the normalizer, and
     *     the next call writes it anew
     */
    public Tensor normalize() {
        execution.call((e, error) -> Kernels.udc_kernels_normalize_channels(layers, count, e, error));
        return factors;
    }

    @Override
    public void close() {
        layers.close();
        factors.close();
        execution.close();
    }
}
