package io.udc.search.cost;

import io.udc.search.space.SearchLayer;

/** Encodes weights to learn their size. */
@FunctionalInterface
public interface LayerSizes {

    /**
     * Bytes of a layer's weight streams, scale and bias records not counted.
     *
     * @param levels quantized weights, [out, in, k, k] at the layer's widest
     */
    long streamBytes(SearchLayer layer, byte[] levels);
}
