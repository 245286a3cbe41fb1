package io.udc.search.cost;

import io.udc.search.space.SearchLayer;

/**
 * Number of weights in a layer's stream, padding to the accelerator's bricks included. Depthwise and shallow layers
 * pay most for it.
 */
@FunctionalInterface
public interface StreamLength {

    /**
     * @param inChannels input channels of the narrowed layer
     * @param outChannels output channels of the narrowed layer
     * @param kernel kernel extent of the narrowed layer
     */
    long paddedWeights(SearchLayer layer, int inChannels, int outChannels, int kernel);
}
