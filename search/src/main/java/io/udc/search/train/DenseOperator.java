package io.udc.search.train;

import io.udc.device.Precision;
import io.udc.memory.NoGradient;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolution of all channels in a network that learns, by libtorch. On the CPU in float32 its gradients are asked for
 * by hand: libtorch's graph copies a gradient that it hands to a leaf, and sums those of branches in new memory.
 */
public final class DenseOperator {

    private static final long[] ONES = {1, 1};
    private static final long[] NONE = {0, 0};

    private final long[] stride;
    private final Padding padding;

    /** For maps that need this padding. */
    public DenseOperator(int stride, Padding padding) {
        this.stride = new long[] {stride, stride};
        this.padding = padding;
    }

    /**
     * Convolves; differentiable to both arguments.
     *
     * @param input [N, C, H, W]
     * @param weights [out, C, k, k]
     * @param precision of the computation
     * @param cuts where the graph is cut if it is for this input, which must be cut from other branches then
     */
    public Tensor apply(Tensor input, Tensor weights, Precision precision, GraphCuts cuts) {
        Tensor rounded = precision.of(input);
        if (!cuts.isFor(rounded)) {
            return convolve(
                    padding.symmetric() ? rounded : torch.constant_pad_nd(rounded, padding.asLibtorchWants()),
                    precision.of(weights));
        }
        Tensor map = rounded.contiguous(torch.MemoryFormat.ChannelsLast);
        Tensor padded;
        Tensor output;
        try (NoGradient off = NoGradient.open()) {
            padded = padding.symmetric() ? map : padding.applyTo(map);
            // A map of one channel has either layout, and then so has what is made of it.
            output = convolve(padded, weights).contiguous(torch.MemoryFormat.ChannelsLast);
        }
        boolean learns = GradMode.is_enabled() && (map.requires_grad() || weights.requires_grad());
        return learns ? cuts.computed(output, gradient -> backward(map, padded, weights, gradient)) : output;
    }

    private Tensor convolve(Tensor padded, Tensor weights) {
        return torch.conv2d(padded, weights, new TensorOptional(), stride, margins(), ONES, 1);
    }

    private void backward(Tensor map, Tensor padded, Tensor weights, Tensor gradient) {
        BoolPointer wanted = new BoolPointer(3);
        wanted.put(0, map.requires_grad()).put(1, weights.requires_grad()).put(2, false);
        T_TensorTensorTensor_T gradients = torch.convolution_backward(
                gradient.contiguous(torch.MemoryFormat.ChannelsLast), padded, weights, new LongArrayRefOptional(), stride,
                margins(), ONES, false, NONE, 1, wanted);
        if (weights.requires_grad()) {
            GraphCuts.continueFrom(weights, gradients.get1());
        }
        if (map.requires_grad()) {
            Tensor toPadded = gradients.get0();
            GraphCuts.continueFrom(map, padding.symmetric() ? toPadded : padding.inside(toPadded));
        }
    }

    /** What libtorch pads by itself. */
    private long[] margins() {
        return padding.symmetric() ? new long[] {padding.top(), padding.left()} : NONE;
    }
}
