package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.Requantization;
import io.udc.kernels.MagnitudePruner;
import io.udc.npu.LayerCodec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Encoded bytes of networks before they are trained. */
public final class EncodedSize {

    private static final ChannelRecord RECORD = new ChannelRecord(0, Requantization.of(0.5));

    private EncodedSize() {}

    /** Measures networks with the weights that they start from, pruned and quantized as they will be. */
    public static ToLongFunction<Architecture> of(LayerCodec codec, long seed) {
        return architecture -> of(architecture, NetworkParameters.random(architecture, seed), codec);
    }

    /**
     * Encoded bytes of all layers.
     *
     * @param parameters the weights to prune by magnitude and to quantize with steps of least square error
     */
    public static long of(Architecture architecture, NetworkParameters parameters, LayerCodec codec) {
        return layers(architecture, parameters, codec).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Encoded bytes of each layer by the name of its node, in execution order; see {@link #of}. */
    public static Map<String, Long> layers(
            Architecture architecture, NetworkParameters parameters, LayerCodec codec) {
        Map<String, Shape> shapes = architecture.shapes();
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (WeightedNode node : architecture.weightedNodes()) {
            Shape input = shapes.get(node.input());
            WeightShape shape = node.weightShape(input);
            byte[] levels = levels(node, shape, parameters.get(node.name() + ".weight"));
            List<ChannelRecord> records = Collections.nCopies(shape.outChannels(), RECORD);
            IntegerLayer layer = new IntegerLayer(node.name(), shape, levels, records);
            bytes.put(node.name(), (long) codec.encode(node, input, layer).tensor().length);
        }
        return bytes;
    }

    private static byte[] levels(WeightedNode node, WeightShape shape, float[] weights) {
        float[] survivors = MagnitudePruner.pruned(weights, node.compression().sparsity());
        int maxLevel = node.compression().maxLevel();
        return StepSizes.levels(
                survivors, StepSizes.leastSquares(survivors, shape.perChannel(), maxLevel), maxLevel);
    }
}
