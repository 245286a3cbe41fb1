package io.udc.search.supernet;

import io.udc.device.Precision;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.Head;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.train.DepthwiseOperator;
import io.udc.search.train.GraphCuts;
import io.udc.search.train.Padding;
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
    private final Gates gates;
    private final Precision precision;
    private final Set<Integer> gated = new HashSet<>();
    private final GraphCuts cuts = new GraphCuts();
    private final boolean cutsBlocks;
    private final Set<SearchLayer> leftOut = new HashSet<>();

    SupernetForward(SpaceGraph graph, List<LayerTensors> tensors, Gates gates, Precision precision) {
        this.graph = graph;
        this.gates = gates;
        this.precision = precision;
        this.tensors = tensors;
        this.cutsBlocks = graph.layers().stream().anyMatch(layer -> layer.type() == SearchLayer.Type.DEPTHWISE);
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

    /**
     * Chooses the operators that the following passes compute.
     *
     * @param least operators less likely to be used are left out, as if their gate were closed
     * @param probabilities of each decision's options
     */
    void leaveOutBelow(double least, double[][] probabilities) {
        leftOut.clear();
        for (SearchBlock block : graph.blocks()) {
            double kept = block.depth() == Extent.FIXED ? 1 : probabilities[block.depth()][Decision.KEEP];
            for (int option = 0; option < block.operators().size(); option++) {
                double chosen = block.operator() == Extent.FIXED ? 1 : probabilities[block.operator()][option];
                if (kept * chosen < least) {
                    leftOut.add(block.operators().get(option).last());
                }
            }
        }
    }

    /** The last layers of the operators that are not computed. */
    Set<SearchLayer> leftOut() {
        return Set.copyOf(leftOut);
    }

    Tensor run(Tensor images, Tensor probabilities) {
        cuts.clear();
        Gates.Open gates = this.gates.open(probabilities, cuts);
        Tensor trunk = torch.relu(convolve(graph.stem(), images, gates, null));
        for (SearchBlock block : graph.blocks()) {
            // Depthwise convolutions are cut out of the graph, which must not branch in front of them.
            trunk = block(block, cutsBlocks ? cuts.at(trunk) : trunk, gates);
        }
        SearchLayer last = graph.last();
        LayerTensors t = tensors.get(last.index());
        if (graph.head() instanceof Head.Upscaler upscaler) {
            Tensor residual = scaled(dense(last, trunk), last, t.gamma(), t.beta());
            return torch.pixel_shuffle(residual.add(images), upscaler.scale());
        }
        Tensor features = Precision.FLOAT32.of(trunk).mean(2L, 3L);
        Tensor weights = t.mixed().view(last.out().largest(), last.in().largest());
        return torch.linear(features, weights).mul(t.gamma()).add(t.beta());
    }

    /** Completes the backward pass of what {@link #run} returned. */
    void backward() {
        cuts.backward();
    }

    /** Gain and bias without batch norm. */
    private Tensor scaled(Tensor map, SearchLayer layer, Tensor gamma, Tensor beta) {
        Tensor gain = gamma.mul(new Scalar(1 / Math.sqrt(graph.fixedVariance(layer))));
        return torch.addcmul(beta.view(1, -1, 1, 1), map, gain.view(1, -1, 1, 1));
    }

    private Tensor block(SearchBlock block, Tensor trunk, Gates.Open gates) {
        Tensor sum = block.residual() ? trunk : null;
        for (int option = 0; option < block.operators().size(); option++) {
            SearchOperator operator = block.operators().get(option);
            if (!leftOut.contains(operator.last())) {
                Tensor map = operator(operator, trunk, gates, gates.use(block, option));
                sum = sum == null ? map : sum.add(map);
            }
        }
        return sum == trunk ? trunk : torch.relu(sum);
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
        Tensor convolved = layer.type() == SearchLayer.Type.DEPTHWISE
                ? new DepthwiseOperator(layer.stride(), padding(layer, map)).apply(map, t.mixed(), cuts)
                : dense(layer, map);
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

    private Tensor dense(SearchLayer layer, Tensor map) {
        Padding padding = padding(layer, map);
        Tensor input = precision.of(map);
        Tensor padded = padding.symmetric() ? input : torch.constant_pad_nd(input, padding.asLibtorchWants());
        long[] both = padding.symmetric() ? new long[] {padding.top(), padding.left()} : new long[] {0, 0};
        return torch.conv2d(padded, precision.of(tensors.get(layer.index()).mixed()), new TensorOptional(),
                new long[] {layer.stride(), layer.stride()}, both, new long[] {1, 1}, 1);
    }

    /** That of the largest kernel. */
    private static Padding padding(SearchLayer layer, Tensor map) {
        int kernel = layer.kernel().largest();
        return Padding.same((int) map.size(2), (int) map.size(3), layer.stride(), kernel, kernel);
    }

    /** A gate as the whole scale, stretched to the channels if it is a scalar. */
    private static Tensor gate(Tensor gate, LayerTensors t) {
        return gate.dim() == 0 ? gate.expand(t.gamma().shape()) : gate;
    }
}
