package io.udc.search.model;

import io.udc.arch.Architecture;
import io.udc.arch.Convolution;
import io.udc.arch.Depthwise;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.integer.IntegerLayer;
import io.udc.npu.WeightCodec;
import io.udc.search.cost.RateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model's layers and its size counted three ways.
 *
 * @param layers the layers with weights, in execution order
 * @param weights number of weights
 * @param encodedBytes bytes of the encoded tensors, scale records included
 * @param closedFormBytes bytes of the weights by the closed form min(b, H(s) + (1-s)b) of the architecture's choices
 * @param entropyBytes bytes of the weights by each layer's zero-order entropy
 */
public record ModelSummary(
        List<Layer> layers, long weights, long encodedBytes, long closedFormBytes, long entropyBytes) {

    public ModelSummary {
        layers = List.copyOf(layers);
    }

    /**
     * A layer.
     *
     * @param name of its node
     * @param operator such as {@code conv 3x3}
     * @param inChannels channels of the feature map that it reads
     * @param outChannels output channels
     * @param bits weight bit width
     * @param sparsity share of the weights that is zero, 0 to 1
     * @param weights number of weights
     * @param encodedBytes bytes of its tensor, scale records included
     * @param bitsPerWeight encoded bits for each weight
     * @param entropyBitsPerWeight zero-order entropy of the weights
     */
    public record Layer(
            String name,
            String operator,
            int inChannels,
            int outChannels,
            int bits,
            double sparsity,
            long weights,
            long encodedBytes,
            double bitsPerWeight,
            double entropyBitsPerWeight) {}

    /** Counts a model. */
    public static ModelSummary of(ModelFile model) {
        Architecture architecture = model.decoded().architecture();
        Map<String, Shape> shapes = architecture.shapes();
        List<WeightedNode> nodes = architecture.weightedNodes();
        List<Layer> layers = new ArrayList<>();
        double closedFormBits = 0;
        double entropyBits = 0;
        for (int i = 0; i < nodes.size(); i++) {
            WeightedNode node = nodes.get(i);
            Layer layer = layer(
                    node,
                    shapes.get(node.input()),
                    model.decoded().layers().get(i),
                    model.encoded().layers().get(i).tensor().length);
            layers.add(layer);
            entropyBits += layer.entropyBitsPerWeight() * layer.weights();
            closedFormBits += layer.weights()
                    * RateTable.closedForm(node.compression().bits(), node.compression().sparsity());
        }
        return new ModelSummary(
                layers,
                architecture.weightCount(),
                model.encoded().encodedBytes(),
                Math.round(closedFormBits / 8),
                Math.round(entropyBits / 8));
    }

    private static Layer layer(WeightedNode node, Shape input, IntegerLayer integers, int bytes) {
        byte[] weights = integers.weights();
        short[] values = new short[weights.length];
        int zeros = 0;
        for (int i = 0; i < weights.length; i++) {
            values[i] = weights[i];
            zeros += weights[i] == 0 ? 1 : 0;
        }
        return new Layer(
                node.name(),
                operator(node),
                input.channels(),
                integers.shape().outChannels(),
                node.compression().bits(),
                (double) zeros / weights.length,
                weights.length,
                bytes,
                bytes * 8.0 / weights.length,
                WeightCodec.entropyBitsPerWeight(values));
    }

    private static String operator(WeightedNode node) {
        if (node instanceof Convolution conv) {
            return "conv " + conv.kernel() + "x" + conv.kernel();
        }
        if (node instanceof Depthwise depthwise) {
            return "depthwise " + depthwise.kernel() + "x" + depthwise.kernel();
        }
        return "dense";
    }
}
