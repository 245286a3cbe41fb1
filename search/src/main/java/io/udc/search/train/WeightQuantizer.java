package io.udc.search.train;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import io.udc.search.train.ParameterStore.Section;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The quantized, pruned weights of all layers: forward before a step, backward after it.
 *
 * <pre>
 * quantized = mask * step * clamp(round(w / step), -L, L)
 * dw        = dquantized * mask * [|w| &lt;= step * L]          (the mask left out while pruning rises)
 * dstep[c]  = sum dquantized * mask * (inside ? round(x) - x : +-L),  x = w / step
 * </pre>
 *
 * <p>The graph is cut here: the quantized weights are leaves, and {@link #backward} carries their gradient on to
 * the weights and to the logarithms of the steps. Not thread-safe.
 */
final class WeightQuantizer {

    private final ParameterStore store;
    private final Tensor quantized;
    private final Tensor masks;

    WeightQuantizer(ParameterStore store, Device device) {
        this.store = store;
        this.quantized = store.flat(store.size(Section.WEIGHTS), torch.ScalarType.Float, device);
        this.masks = store.flat(store.size(Section.WEIGHTS), torch.ScalarType.Byte, device);
        fillMasks();
    }

    @SuppressWarnings("try")
    private void fillMasks() {
        try (StepScope scope = StepScope.open()) {
            masks.fill_(new Scalar(1.0));
        }
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
        Tensor steps = store.values(Section.WEIGHT_STEPS).exp();
        for (LayerSlice slice : store.slices()) {
            Tensor step = channels(steps, slice);
            Tensor levels = matrix(store.values(Section.WEIGHTS), slice).div(step).round_();
            levels.clamp_(bound(-slice.maxLevel()), bound(slice.maxLevel()));
            matrix(quantized, slice).copy_(levels.mul_(step).mul_(matrix(masks, slice)));
        }
    }

    /**
     * Turns the gradient of the quantized weights, which lies in the place of the weights' gradient, into the
     * weights' and the steps' gradients. Needs a scope that is open, and no gradient mode.
     *
     * @param straightThroughMask whether pruned weights receive a gradient too
     */
    void backward(boolean straightThroughMask) {
        Tensor steps = store.values(Section.WEIGHT_STEPS).exp();
        for (LayerSlice slice : store.slices()) {
            Tensor step = channels(steps, slice);
            Tensor x = matrix(store.values(Section.WEIGHTS), slice).div(step);
            Tensor inside = x.abs().le(new Scalar((double) slice.maxLevel()));
            Tensor gradient = matrix(store.gradients(Section.WEIGHTS), slice);
            Tensor masked = gradient.mul(matrix(masks, slice));
            Tensor slope = x.round().sub_(x).where(inside, x.sign().mul_(new Scalar((double) slice.maxLevel())));
            Tensor perChannel = masked.mul(slope).sum(new long[] {1}, true, new ScalarTypeOptional());
            channels(store.gradients(Section.WEIGHT_STEPS), slice).copy_(perChannel.mul_(step));
            gradient.copy_((straightThroughMask ? gradient : masked).mul(inside));
        }
    }

    /**
     * Scales every output channel's weights, and their step with them, to a root mean square of 1; channels of
     * zeros stay. Needs a scope that is open, and no gradient mode.
     */
    void normalize() {
        for (LayerSlice slice : store.slices()) {
            Tensor weights = matrix(store.values(Section.WEIGHTS), slice);
            Tensor square = weights.mul(weights).mean(new long[] {1}, true, new ScalarTypeOptional());
            Tensor factor = square.masked_fill_(square.lt(new Scalar(1e-30)), new Scalar(1.0)).rsqrt_();
            weights.mul_(factor);
            channels(store.values(Section.WEIGHT_STEPS), slice).add_(factor.log());
        }
    }

    /** Sets pruned weights to 0. */
    @SuppressWarnings("try")
    void applyMasks() {
        try (StepScope scope = StepScope.open()) {
            store.values(Section.WEIGHTS).mul_(masks);
        }
    }

    private static Tensor matrix(Tensor flat, LayerSlice slice) {
        return flat.narrow(0, slice.weightOffset(), slice.weights()).view(slice.channels(), -1);
    }

    private static Tensor channels(Tensor flat, LayerSlice slice) {
        return flat.narrow(0, slice.channelOffset(), slice.channels()).view(slice.channels(), 1);
    }

    private static ScalarOptional bound(double value) {
        return new ScalarOptional(new Scalar(value));
    }
}
