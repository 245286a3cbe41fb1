package io.udc.integer;

import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.DepthToSpace;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A network in integers: all that an executor needs, weights not yet encoded.
 *
 * <p>Every feature map is int8 with one scale and zero point. A global average pool and a depth-to-space keep
 * those of their input, as TFLite demands.
 *
 * @param architecture the graph
 * @param quantization of the picture ({@link Architecture#INPUT}) and of every node's output, by name
 * @param layers the weighted nodes' integers, in execution order
 */
public record IntegerModel(
        Architecture architecture, Map<String, Quantization> quantization, List<IntegerLayer> layers) {

    /** @throws IllegalArgumentException if anything is missing, does not fit or could overflow 32 bits */
    public IntegerModel {
        quantization = Collections.unmodifiableMap(new LinkedHashMap<>(quantization));
        layers = List.copyOf(layers);
        checkQuantization(architecture, quantization);
        checkLayers(architecture, quantization, layers);
    }

    /**
     * The same integers for pictures of another extent.
     *
     * @throws IllegalArgumentException if a node cannot read them
     */
    public IntegerModel withInput(Shape picture) {
        return new IntegerModel(architecture.withInput(picture), quantization, layers);
    }

    /** How the values of the network's output stand for real numbers. */
    public Quantization outputQuantization() {
        return quantization.get(architecture.output().name());
    }

    /** Whether a node must keep the scale and zero point of its input. */
    public static boolean keepsQuantization(Node node) {
        return node instanceof GlobalAveragePool || node instanceof DepthToSpace;
    }

    /** The least output value that the activation lets through. */
    public static int leastValue(Activation activation, Quantization output) {
        return activation == Activation.RELU ? output.zeroPoint() : Quantization.MIN;
    }

    private static void checkQuantization(Architecture architecture, Map<String, Quantization> quantization) {
        Set<String> expected = architecture.shapes().keySet();
        if (!quantization.keySet().equals(expected)) {
            throw new IllegalArgumentException(
                    "quantization: found " + quantization.keySet() + ", expected " + expected);
        }
        for (Node node : architecture.nodes()) {
            Quantization input = quantization.get(node.inputs().get(0));
            if (keepsQuantization(node) && !input.equals(quantization.get(node.name()))) {
                throw new IllegalArgumentException("quantization." + node.name() + ": found "
                        + quantization.get(node.name()) + ", expected the input's " + input);
            }
        }
    }

    private static void checkLayers(
            Architecture architecture, Map<String, Quantization> quantization, List<IntegerLayer> layers) {
        List<WeightedNode> nodes = architecture.weightedNodes();
        if (nodes.size() != layers.size()) {
            throw new IllegalArgumentException("layers: found " + layers.size() + ", expected " + nodes.size());
        }
        for (int i = 0; i < nodes.size(); i++) {
            WeightedNode node = nodes.get(i);
            IntegerLayer layer = layers.get(i);
            if (!layer.node().equals(node.name()) || !layer.shape().equals(architecture.weightShape(node))) {
                throw new IllegalArgumentException("layers[" + i + "]: found '" + layer.node() + "' "
                        + layer.shape() + ", expected '" + node.name() + "' " + architecture.weightShape(node));
            }
            checkBound(layer, quantization.get(node.input()));
        }
    }

    private static void checkBound(IntegerLayer layer, Quantization input) {
        long bound = layer.accumulatorBound(input.zeroPoint());
        int leftShift = layer.channels().stream()
                .mapToInt(channel -> channel.rescale().leftShift())
                .max()
                .orElse(0);
        if (bound > (long) Integer.MAX_VALUE >> leftShift) {
            throw new IllegalArgumentException("layers." + layer.node() + ": accumulators up to " + bound + " * 2^"
                    + leftShift + " do not fit 32 bits");
        }
    }
}
