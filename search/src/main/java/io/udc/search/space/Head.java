package io.udc.search.space;

/** How a network ends. */
public sealed interface Head {

    /**
     * Whether convolutions are followed by batch norm over the batch while they learn. It would change the contrast of
     * pictures that a network makes; such networks have a gain and a bias in its place.
     */
    boolean hasBatchNorm();

    /** Mean over space, then one dense layer. */
    record Classifier(int classes) implements Head {
        @Override
        public boolean hasBatchNorm() {
            return true;
        }
    }

    /**
     * A convolution to scale*scale channels, the picture added to each of them, and depth to space: an upscaler
     * of luma pictures in the manner of SESR (Bhardwaj et al., MLSys 2022).
     */
    record Upscaler(int scale) implements Head {

        /** Size of what the last convolution adds to the picture at first, beside the outputs of other layers. */
        public static final double INITIAL_RESIDUAL = 0.05;

        @Override
        public boolean hasBatchNorm() {
            return false;
        }
    }
}
