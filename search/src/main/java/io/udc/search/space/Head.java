package io.udc.search.space;

/** How a network ends. */
public sealed interface Head {

    /** Mean over space, then one dense layer. */
    record Classifier(int classes) implements Head {}

    /**
     * A convolution to scale*scale channels, the picture added to each of them, and depth to space: an upscaler
     * of luma pictures in the manner of SESR (Bhardwaj et al., MLSys 2022).
     */
    record Upscaler(int scale) implements Head {}
}
