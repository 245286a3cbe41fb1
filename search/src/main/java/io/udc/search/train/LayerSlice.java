package io.udc.search.train;

import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;

/**
 * Where the parameters of one weighted node lie in the flat tensors of a {@link ParameterStore}.
 *
 * @param weightOffset of its first weight among all weights
 * @param channelOffset of its first output channel among all output channels
 */
record LayerSlice(WeightedNode node, WeightShape shape, long weightOffset, long channelOffset) {

    int weights() {
        return Math.toIntExact(shape.count());
    }

    int channels() {
        return shape.outChannels();
    }

    /** The greatest quantized magnitude. */
    int maxLevel() {
        return node.compression().maxLevel();
    }
}
