package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.device.Precision;
import io.udc.search.train.TrainableNetwork.Layer;
import io.udc.search.train.TrainableNetwork.Mode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** One forward pass of a trainable network, node by node. Its tensors belong to the scope that is open. */
final class NetworkPass {

    private final Architecture architecture;
    private final Map<String, Shape> shapes;
    private final Map<String, Layer> layers;
    private final QuantizedFeatures features;
    private final GraphCuts cuts;
    private final Mode mode;
    private final Map<String, Tensor> maps = new HashMap<>();
    private final Map<String, NormalizedMaps.Term> addends = new HashMap<>();

    NetworkPass(
            Architecture architecture,
            Map<String, Shape> shapes,
            Map<String, Layer> layers,
            QuantizedFeatures features,
            GraphCuts cuts,
            Mode mode) {
        this.architecture = architecture;
        this.shapes = shapes;
        this.layers = layers;
        this.features = features;
        this.cuts = cuts;
        this.mode = mode;
    }

    /** The network's output; see {@link TrainableNetwork#forward}. */
    Tensor run(Tensor images) {
        cuts.clear();
        // Operators are cut out of the graph, which must not branch in front of them.
        boolean cutsEverywhere =
                images.is_cpu() || architecture.nodes().stream().anyMatch(node -> node instanceof Depthwise);
        maps.put(Architecture.INPUT, images.contiguous(torch.MemoryFormat.ChannelsLast));
        for (Node node : architecture.nodes()) {
            if (isAddend(node)) {
                addends.put(node.name(), term((WeightedNode) node));
            } else {
                Tensor map = compute(node);
                maps.put(node.name(), cutsEverywhere ? cuts.at(map) : map);
            }
        }
        Tensor output = Precision.FLOAT32.of(maps.get(architecture.output().name()));
        Shape shape = shapes.get(architecture.output().name());
        return shape.height() == 1 && shape.width() == 1 ? output.flatten(1, -1) : output;
    }

    /** Whether a node's output goes into one sum and nowhere else, which then normalizes it as well. */
    private boolean isAddend(Node node) {
        if (mode.quantized() || mode.observe() || !(node instanceof WeightedNode weighted) || node instanceof Dense) {
            return false;
        }
        List<Node> readers = architecture.nodes().stream()
                .filter(reader -> reader.inputs().contains(node.name()))
                .toList();
        return weighted.activation() == Activation.NONE
                && readers.size() == 1
                && readers.get(0) instanceof Add add
                && !add.first().equals(add.second())
                && shapes.get(add.first()).equals(shapes.get(add.second()));
    }

    private Tensor compute(Node node) {
        Tensor input = maps.get(node.inputs().get(0));
        if (node instanceof Dense dense) {
            Tensor output = dense(dense, input);
            return quantize(node, rectifies(dense.activation()) ? output.relu_() : output);
        } else if (node instanceof WeightedNode weighted) {
            return quantize(node, normalized(List.of(term(weighted)), null, weighted.activation()));
        } else if (node instanceof Add add) {
            return quantize(node, sum(add));
        } else if (node instanceof GlobalAveragePool) {
            Tensor mean = input.mean(new long[] {2, 3}, true, new ScalarTypeOptional());
            return mode.quantized() ? features.applyKept(node, mean) : mean;
        } else if (node instanceof DepthToSpace shuffle) {
            return depthToSpace(input, shuffle.block());
        }
        throw new IllegalStateException("no operator for " + node);
    }

    private Tensor sum(Add add) {
        List<NormalizedMaps.Term> terms = new ArrayList<>();
        Tensor residual = null;
        for (String input : add.inputs()) {
            if (addends.containsKey(input)) {
                terms.add(addends.get(input));
            } else {
                residual = residual == null ? maps.get(input) : residual.add(maps.get(input));
            }
        }
        if (terms.isEmpty()) {
            return rectifies(add.activation()) ? residual.relu_() : residual;
        }
        return normalized(terms, residual, add.activation());
    }

    private Tensor normalized(List<NormalizedMaps.Term> terms, Tensor residual, Activation activation) {
        return new NormalizedMaps(rectifies(activation), mode.batchMomentum()).apply(terms, residual, cuts);
    }

    private NormalizedMaps.Term term(WeightedNode node) {
        Layer layer = layers.get(node.name());
        return new NormalizedMaps.Term(
                convolved(node, maps.get(node.input())), layer.gain(), layer.bias(), layer.mean(), layer.variance());
    }

    private Tensor dense(Dense node, Tensor input) {
        Layer layer = layers.get(node.name());
        long channels = layer.slice().channels();
        return convolved(node, input)
                .mul(layer.gain().view(1, channels, 1, 1))
                .add(layer.bias().view(1, channels, 1, 1));
    }

    private Tensor convolved(WeightedNode node, Tensor input) {
        Layer layer = layers.get(node.name());
        Tensor weight = mode.quantized() ? layer.quantizedWeight() : layer.weight();
        Padding padding = Padding.same(shapes.get(node.input()), node.stride(), layer.slice().shape());
        return node instanceof Depthwise
                ? new DepthwiseOperator(node.stride(), padding).apply(input, weight, cuts)
                : new DenseOperator(node.stride(), padding).apply(input, weight, mode.precision(), cuts);
    }

    /** Whether an activation has to be computed: a map that is quantized by its range is clamped anyway. */
    private boolean rectifies(Activation activation) {
        return activation == Activation.RELU && (!mode.quantized() || mode.observe());
    }

    private Tensor quantize(Node node, Tensor active) {
        if (mode.observe()) {
            features.observe(node.name(), active);
        }
        return mode.quantized() ? features.apply(node.name(), active) : active;
    }

    private static Tensor depthToSpace(Tensor input, int block) {
        long n = input.size(0);
        long c = input.size(1) / (block * block);
        long h = input.size(2);
        long w = input.size(3);
        return input.reshape(n, block, block, c, h, w)
                .permute(0, 3, 4, 1, 5, 2)
                .reshape(n, c, h * block, w * block);
    }
}
