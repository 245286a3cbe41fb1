package io.udc.npu;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.integer.IntegerLayer;

/** Turns the integers of a layer into the tensor that one NPU loads, and back. */
public interface LayerCodec {

    /** The NPU's name in the accelerator table, ethos-u55-128 for instance. */
    String npu();

    /**
     * Encodes a layer.
     *
     * @param input shape of the feature map that the node reads
     */
    EncodedLayer encode(WeightedNode node, Shape input, IntegerLayer layer);

    /**
     * Decodes a layer that anybody may have written.
     *
     * @throws InputException if the bytes are not what {@link #encode} could have made for this node
     */
    IntegerLayer decode(WeightedNode node, Shape input, EncodedLayer layer);
}
