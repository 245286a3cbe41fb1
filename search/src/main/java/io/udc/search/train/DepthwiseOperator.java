package io.udc.search.train;

import io.udc.device.Precision;
import io.udc.kernels.DepthwiseConvolution;
import io.udc.memory.NoGradient;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Depthwise convolution in a network that learns: by the kernels where they have it, else by libtorch. */
public final class DepthwiseOperator {

    private final int stride;
    private final Padding padding;

    /** For maps that need this padding. */
    public DepthwiseOperator(int stride, Padding padding) {
        this.stride = stride;
        this.padding = padding;
    }

    /**
     * Convolves; differentiable to both arguments. The kernels compute in float32.
     *
     * @param input [N, C, H, W]
     * @param weights [C, 1, k, k]
     * @param cuts where the graph is cut if it is for this input, which must be cut from other branches then
     */
    public Tensor apply(Tensor input, Tensor weights, GraphCuts cuts) {
        Tensor exact = input.is_cpu() ? Precision.FLOAT32.of(input) : input;
        if (!cuts.isFor(exact)) {
            return byLibtorch(input, weights.to(input.scalar_type()));
        }
        Tensor map = exact.contiguous(torch.MemoryFormat.ChannelsLast);
        DepthwiseConvolution kernel = new DepthwiseConvolution(stride, padding.top(), padding.left());
        Tensor output = emptyOutput(map, weights);
        kernel.forward(map, weights, output);
        boolean learns = GradMode.is_enabled() && (map.requires_grad() || weights.requires_grad());
        return learns ? cuts.computed(output, gradient -> backward(kernel, map, weights, gradient)) : output;
    }

    private static void backward(DepthwiseConvolution kernel, Tensor map, Tensor weights, Tensor gradient) {
        try (NoGradient off = NoGradient.open()) {
            // What other branches have sent to the map is added to in place.
            Tensor sum = map.is_leaf() ? map.grad() : new Tensor();
            boolean adds = sum.defined() && sum.is_contiguous(torch.MemoryFormat.ChannelsLast);
            Tensor toMap = !map.requires_grad() ? null : adds ? sum : torch.empty_like(map);
            Tensor toWeights = weights.requires_grad() ? torch.empty_like(weights) : null;
            kernel.backward(
                    map, weights, gradient.contiguous(torch.MemoryFormat.ChannelsLast), toMap, toWeights, adds);
            if (toWeights != null) {
                GraphCuts.continueFrom(weights, toWeights);
            }
            if (toMap != null && !adds) {
                GraphCuts.continueFrom(map, toMap);
            }
        }
    }

    private Tensor emptyOutput(Tensor input, Tensor weights) {
        long rows = outputExtent(input.size(2) + padding.top() + padding.bottom(), weights.size(2));
        long columns = outputExtent(input.size(3) + padding.left() + padding.right(), weights.size(3));
        return torch.empty(input.size(0), rows, columns, input.size(1)).permute(0, 3, 1, 2);
    }

    private long outputExtent(long padded, long kernel) {
        return (padded - kernel) / stride + 1;
    }

    private Tensor byLibtorch(Tensor input, Tensor weights) {
        Tensor padded = padding.symmetric() ? input : torch.constant_pad_nd(input, padding.asLibtorchWants());
        long[] both = padding.symmetric() ? new long[] {padding.top(), padding.left()} : new long[] {0, 0};
        return torch.conv2d(padded, weights, new TensorOptional(), new long[] {stride, stride}, both, new long[] {1, 1},
                input.size(1));
    }
}
