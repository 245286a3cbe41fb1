package io.udc.search.train;

import io.udc.device.Device;
import io.udc.kernels.ChannelNormalizer;
import io.udc.kernels.MagnitudePruner;
import io.udc.kernels.WeightQuantizer;
import io.udc.memory.StepScope;
import io.udc.search.train.ParameterStore.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The quantized, pruned weights of all layers: forward before a step, backward after it, each one kernel call.
 *
 * <p>The graph is cut here: the quantized weights are leaves, and {@link #backward} carries their gradient on to the
 * weights and to the logarithms of the steps. Not thread-safe.
 */
final class QuantizedWeights implements AutoCloseable {

    private final ParameterStore store;
    private final Tensor quantized;
    private final Tensor masks;
    private final Tensor steps;
    private final Tensor stepGradients;
    private final List<Tensor> gradients;
    private final WeightQuantizer quantizer;
    private final MagnitudePruner pruner;
    private final ChannelNormalizer normalizer;

    QuantizedWeights(ParameterStore store, Device device) {
        this.store = store;
        long weights = store.size(Section.WEIGHTS);
        long channels = store.size(Section.WEIGHT_STEPS);
        quantized = store.flat(weights, torch.ScalarType.Float, device);
        masks = store.flat(weights, torch.ScalarType.Byte, device);
        steps = store.flat(channels, torch.ScalarType.Float, device);
        stepGradients = store.flat(channels, torch.ScalarType.Float, device);
        List<WeightQuantizer.Layer> layers = new ArrayList<>();
        try (StepScope scope = StepScope.open()) {
            masks.fill_(new Scalar(1.0));
            for (LayerSlice slice : store.slices()) {
                layers.add(new WeightQuantizer.Layer(
                        store.weights(store.values(Section.WEIGHTS), slice),
                        store.channels(steps, slice),
                        store.weights(masks, slice),
                        store.weights(quantized, slice),
                        store.weights(store.gradients(Section.WEIGHTS), slice),
                        store.channels(stepGradients, slice),
                        slice.node().compression().bits()));
            }
        }
        gradients = layers.stream().map(WeightQuantizer.Layer::weightGradient).toList();
        quantizer = new WeightQuantizer(layers);
        pruner = new MagnitudePruner(layers.stream()
                .map(layer -> new MagnitudePruner.Layer(layer.weights(), layer.mask()))
                .toList());
        normalizer = new ChannelNormalizer(
                layers.stream().map(WeightQuantizer.Layer::weights).toList());
    }

    /** The quantized weights, laid out as the section of the weights. */
    Tensor quantized() {
        return quantized;
    }

    /** uint8, 1 where a weight survives pruning, laid out as the section of the weights. */
    Tensor masks() {
        return masks;
    }

    /** Computes the quantized weights. Needs a scope that is open, and no gradient mode. */
    void forward() {
        steps.copy_(store.values(Section.WEIGHT_STEPS).exp());
        quantizer.forward();
    }

    /**
     * Turns the gradient of the quantized weights, which lies in the place of the weights' gradient, into the weights'
     * and the steps' gradients, for the weights and steps of the last {@link #forward}. Needs a scope that is open, and
     * no gradient mode.
     *
     * @param straightThroughMask whether pruned weights receive a gradient too
     */
    void backward(boolean straightThroughMask) {
        quantizer.backward(gradients, straightThroughMask);
        store.gradients(Section.WEIGHT_STEPS).copy_(stepGradients.mul(steps));
    }

    /**
     * Scales every output channel's weights, and their step with them, to a root mean square of 1; channels of zeros
     * stay. Needs a scope that is open, and no gradient mode.
     *
     * @return what each output channel's weights were multiplied with, until the next call
     */
    Tensor normalize() {
        Tensor scales = normalizer.normalize();
        store.values(Section.WEIGHT_STEPS).add_(scales.log());
        return scales;
    }

    /**
     * Moves every surviving weight a share of the way to its value in the last {@link #forward}. Needs a scope that is
     * open, and no gradient mode.
     */
    void dampen(double share) {
        Tensor weights = store.values(Section.WEIGHTS);
        weights.add_(quantized.sub(weights).mul_(masks), new Scalar(share));
    }

    /** Marks, for the current weights, those of greatest magnitude in every layer. */
    void prune(ToDoubleFunction<LayerSlice> sparsity) {
        pruner.updateMasks(store.slices().stream().mapToDouble(sparsity).toArray());
    }

    /** Sets pruned weights to 0. */
    void applyMasks() {
        pruner.applyMasks();
    }

    @Override
    public void close() {
        quantizer.close();
        pruner.close();
        normalizer.close();
    }
}
