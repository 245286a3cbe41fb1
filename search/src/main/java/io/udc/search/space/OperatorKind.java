package io.udc.search.space;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The layers that a block can be made of. */
public enum OperatorKind {
    /** One dense convolution. */
    @JsonProperty("dense")
    DENSE("dense"),
    /**
     * A depthwise convolution and a 1x1 convolution without a ReLU between them; Xception (Chollet, CVPR 2017, section 4.7)
     * learns better without one.
     */
    @JsonProperty("separable")
    SEPARABLE("separable"),
    /** A 1x1 convolution that widens, a depthwise convolution and a 1x1 convolution that narrows. */
    @JsonProperty("inverted")
    INVERTED("inverted");

    private final String label;

    OperatorKind(String label) {
        this.label = label;
    }

    /** Whether it is linear up to the batch norm of its last layer. */
    public boolean isLinear() {
        return this != INVERTED;
    }

    /** The name used in files and layer names. */
    public String label() {
        return label;
    }
}
