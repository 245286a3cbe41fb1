package io.udc.npu;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The NPU's operators of an architecture, in execution order. */
public final class ArchitectureOperators {

    private ArchitectureOperators() {}

    /**
     * Translates a network.
     *
     * @param sizes encoded sizes of each weighted node
     * @throws InputException if a node has no counterpart in the latency model
     */
    public static List<NetworkOperator> of(
            Architecture architecture, Function<WeightedNode, EncodedSizes> sizes) {
        Map<String, Shape> shapes = architecture.shapes();
        Map<String, Integer> tensors = new HashMap<>();
        shapes.keySet().forEach(name -> tensors.put(name, tensors.size()));
        List<NetworkOperator> operators = new ArrayList<>();
        for (Node node : architecture.nodes()) {
            List<String> inputs = node.inputs();
            operators.add(new NetworkOperator(
                    node.name(),
                    operator(node, shapes),
                    node instanceof WeightedNode weighted ? sizes.apply(weighted) : EncodedSizes.NONE,
                    tensors.get(inputs.get(0)),
                    inputs.size() > 1 ? tensors.get(inputs.get(1)) : -1,
                    tensors.get(node.name())));
        }
        return operators;
    }

    /**
     * The operator of one node.
     *
     * @param shapes of the network's feature maps by name
     * @throws InputException if the latency model has none
     */
    public static NpuOperator operator(Node node, Map<String, Shape> shapes) {
        Hwc input = Hwc.of(shapes.get(node.inputs().get(0)));
        if (node instanceof Convolution conv) {
            return NpuOperator.windowed(
                    NpuOperator.Kind.CONVOLUTION,
                    input,
                    conv.outChannels(),
                    NpuOperator.Window.square(conv.kernel(), conv.stride(), true),
                    conv.activation() == Activation.RELU);
        }
        if (node instanceof Depthwise depthwise) {
            return NpuOperator.windowed(
                    NpuOperator.Kind.DEPTHWISE,
                    input,
                    0,
                    NpuOperator.Window.square(depthwise.kernel(), depthwise.stride(), true),
                    depthwise.activation() == Activation.RELU);
        }
        if (node instanceof Dense dense) {
            return NpuOperator.fullyConnected(
                    input.depth(), dense.outChannels(), dense.activation() == Activation.RELU);
        }
        if (node instanceof GlobalAveragePool) {
            // A window over everything, as TFLite's converter writes it.
            NpuOperator.Window all = new NpuOperator.Window(
                    input.height(), input.width(), input.height(), input.width(), 1, false);
            return NpuOperator.windowed(NpuOperator.Kind.AVERAGE_POOL, input, 0, all, false);
        }
        if (node instanceof Add add) {
            Hwc second = Hwc.of(shapes.get(add.second()));
            return NpuOperator.binary(
                    NpuOperator.Kind.ADD, input, second, add.activation() == Activation.RELU);
        }
        if (node instanceof DepthToSpace) {
            // A copy: 1x1 pools that write with strides, all of them together as many values as the map has.
            return NpuOperator.copy(input);
        }
        throw new InputException(node.name() + ": the latency model does not cover a "
                + node.getClass().getSimpleName() + " node");
    }
}
