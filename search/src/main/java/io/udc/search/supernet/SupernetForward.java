package io.udc.search.supernet;

import io.udc.search.space.Extent;
import io.udc.search.space.Head;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The forward pass of the supernet on effective weights. Operators of a block run side by side; widths, expansions
 * and kernels are shares of one tensor.
 *
 * <p>The last layer of a gated operator has no learned scale behind its batch norm: with one, the scale would undo
 * the gate, and the task loss could not tell the operators apart.
 */
final class SupernetForward {

    private static final double EPSILON = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final SpaceGraph graph;
    private final List<LayerTensors> tensors;
    private final Set<Integer> gated = new HashSet<>();

    SupernetForward(SpaceGraph graph, List<LayerTensors> tensors) {
        this.graph = graph;
        this.tensors = tensors;
        for (SearchBlock block : graph.blocks()) {
            if (block.depth() != Extent.FIXED || block.operator() != Extent.FIXED) {
                for (SearchOperator operator : block.operators()) {
                    gated.add(operator.layers().get(operator.layers().size() - 1).index());
                }
            }
        }
    }

    boolean learnsGamma(SearchLayer layer) {
        return !gated.contains(layer.index());
    }

    Tensor run(Tensor images, Gates.Open gates) {
        Tensor trunk = torch.relu(convolve(graph.stem(), images, gates, null));
        for (SearchBlock block : graph.blocks()) {
            trunk = block(block, trunk, gates);
        }
        SearchLayer last = graph.last();
        LayerTensors t = tensors.get(last.index());
        if (graph.head() instanceof Head.Upscaler upscaler) {
            Tensor residual = scaled(torch.conv2d(pad(trunk, last), t.mixed()), last, t.gamma(), t.beta());
            return torch.pixel_shuffle(residual.add(images), upscaler.scale());
        }
        Tensor features = trunk.mean(2L, 3L);
        Tensor weights = t.mixed().view(last.out().largest(), last.in().largest());
        return torch.linear(features, weights).mul(t.gamma()).add(t.beta());
    }

    /** Gain and bias without batch norm. */
    private Tensor scaled(Tensor map, SearchLayer layer, Tensor gamma, Tensor beta) {
        Tensor gain = gamma.mul(new Scalar(1 / Math.sqrt(graph.fixedVariance(layer))));
        return torch.addcmul(beta.view(1, -1, 1, 1), map, gain.view(1, -1, 1, 1));
    }

    private Tensor block(SearchBlock block, Tensor trunk, Gates.Open gates) {
        Tensor sum = block.residual() ? trunk : null;
        for (int option = 0; option < block.operators().size(); option++) {
            Tensor map = operator(block.operators().get(option), trunk, gates, gates.use(block, option));
            sum = sum == null ? map : sum.add(map);
        }
        return torch.relu(sum);
    }

    private Tensor operator(SearchOperator operator, Tensor trunk, Gates.Open gates, Tensor use) {
        Tensor map = trunk;
        int end = operator.layers().size() - 1;
        for (int i = 0; i < end; i++) {
            map = torch.relu_(convolve(operator.layers().get(i), map, gates, null));
        }
        return convolve(operator.layers().get(end), map, gates, use);
    }

    /** Convolution, batch norm over the batch or a plain gain and bias, and the gates on these. */
    private Tensor convolve(SearchLayer layer, Tensor map, Gates.Open gates, Tensor use) {
        LayerTensors t = tensors.get(layer.index());
        long groups = layer.type() == SearchLayer.Type.DEPTHWISE ? map.size(1) : 1;
        long padding = layer.stride() == 1 ? layer.kernel().largest() / 2 : 0;
        Tensor padded = layer.stride() == 1 ? map : pad(map, layer);
        Tensor convolved = torch.conv2d(
                padded, t.mixed(), new TensorOptional(), new long[] {layer.stride(), layer.stride()},
                new long[] {padding, padding}, new long[] {1, 1}, groups);
        Tensor share = gates.channelShare(layer.out());
        Tensor gate = share == null ? use : use == null ? share : share.mul(use);
        Tensor gamma = gate == null ? t.gamma() : learnsGamma(layer) ? t.gamma().mul(gate) : gate(gate, t);
        Tensor beta = gate == null ? t.beta() : t.beta().mul(gate);
        if (!graph.head().hasBatchNorm()) {
            return scaled(convolved, layer, gamma, beta);
        }
        return torch.batch_norm(
                convolved, new TensorOptional(gamma), new TensorOptional(beta), new TensorOptional(),
                new TensorOptional(), true, MOMENTUM, EPSILON, true);
    }

    /** A gate as the whole scale, stretched to the channels if it is a scalar. */
    private static Tensor gate(Tensor gate, LayerTensors t) {
        return gate.dim() == 0 ? gate.expand(t.gamma().shape()) : gate;
    }

    /** TFLite's "same" padding for the largest kernel: the smaller half first. */
    private static Tensor pad(Tensor map, SearchLayer layer) {
        int kernel = layer.kernel().largest();
        long rows = padding(map.size(2), layer.stride(), kernel);
        long columns = padding(map.size(3), layer.stride(), kernel);
        return rows == 0 && columns == 0
                ? map
                : torch.constant_pad_nd(map, columns / 2, columns - columns / 2, rows / 2, rows - rows / 2);
    }

    private static long padding(long extent, int stride, int kernel) {
        long out = (extent + stride - 1) / stride;
        return Math.max((out - 1) * stride + kernel - extent, 0);
    }
}
