package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * A network: a directed graph of nodes in execution order; the last node is the output.
 *
 * @param name what the network is for, for people
 * @param input shape of one picture
 * @param nodes in an order in which every node comes after the nodes that it reads
 */
public record Architecture(String name, Shape input, List<Node> nodes) {

    /** The name by which nodes refer to the picture. */
    public static final String INPUT = "image";

    /**
     * Checks the graph.
     *
     * @throws IllegalArgumentException if a name is missing, used twice or not known, or if shapes do not fit
     */
    public Architecture {
        Checks.present("network", "name", name);
        Checks.present(name, "input", input);
        Checks.present(name, "nodes", nodes);
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("nodes: a network needs at least one node");
        }
        inferShapes(input, nodes);
    }

    /** The output shape of every node and of the picture, by name, in execution order. */
    public Map<String, Shape> shapes() {
        return inferShapes(input, nodes);
    }

    /** The nodes that have weights, in execution order. */
    @JsonIgnore
    public List<WeightedNode> weightedNodes() {
        List<WeightedNode> weighted = new ArrayList<>();
        for (Node node : nodes) {
            if (node instanceof WeightedNode layer) {
                weighted.add(layer);
            }
        }
        return weighted;
    }

    @JsonIgnore
    public Node output() {
        return nodes.get(nodes.size() - 1);
    }

    /** Ratio of the output picture's sides to the input's, if the network ends in a {@link DepthToSpace}. */
    public OptionalInt upscaling() {
        return output() instanceof DepthToSpace shuffle ? OptionalInt.of(shuffle.block()) : OptionalInt.empty();
    }

    /**
     * The same network for pictures of another extent.
     *
     * @throws IllegalArgumentException if a node cannot read them
     */
    public Architecture withInput(Shape picture) {
        return new Architecture(name, picture, nodes);
    }

    /** The shape of a weighted node's weight tensor. */
    public WeightShape weightShape(WeightedNode node) {
        return node.weightShape(shapes().get(node.input()));
    }

    /** Number of weights of the whole network, biases not counted. */
    public long weightCount() {
        Map<String, Shape> shapes = shapes();
        return weightedNodes().stream()
                .mapToLong(node -> node.weightShape(shapes.get(node.input())).count())
                .sum();
    }

    /** Multiply-accumulates of one picture. */
    public long macs() {
        Map<String, Shape> shapes = shapes();
        return weightedNodes().stream().mapToLong(node -> node.macs(shapes.get(node.input()))).sum();
    }

    /** The same network with each weighted node replaced. */
    public Architecture mapWeighted(UnaryOperator<WeightedNode> change) {
        List<Node> changed = new ArrayList<>(nodes.size());
        for (Node node : nodes) {
            changed.add(node instanceof WeightedNode layer ? change.apply(layer) : node);
        }
        return new Architecture(name, input, changed);
    }

    /** The same network with the weighted node of this name compressed otherwise. */
    public Architecture withCompression(String changed, Compression compression) {
        return mapWeighted(node -> node.name().equals(changed) ? node.withCompression(compression) : node);
    }

    private static Map<String, Shape> inferShapes(Shape input, List<Node> nodes) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(INPUT, input);
        for (Node node : nodes) {
            Checks.present("node", "name", node.name());
            List<Shape> inputs = new ArrayList<>();
            for (String name : node.inputs()) {
                Shape shape = shapes.get(name);
                if (shape == null) {
                    throw new IllegalArgumentException(
                            node.name() + ": input '" + name + "' is not the name of an earlier node");
                }
                inputs.add(shape);
            }
            if (shapes.put(node.name(), node.outputShape(inputs)) != null) {
                throw new IllegalArgumentException("nodes: the name '" + node.name() + "' is used twice");
            }
        }
        return shapes;
    }
}
