package io.udc.search.space;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The layers that a block can be made of. */
public enum OperatorKind {
    /** One dense convolution. */
    @JsonProperty("dense")
    DENSE("dense"),
    /** A depthwise convolution and a 1x1 convolution. */
    @JsonProperty("separable")
    SEPARABLE("separable"),
    /** A 1x1 convolution that widens, a depthwise convolution and a 1x1 convolution that narrows. */
    @JsonProperty("inverted")
    INVERTED("inverted");

    private final String label;

    OperatorKind(String label) {
        this.label = label;
    }

    /** The name used in files and layer names. */
    public String label() {
        return label;
    }
}
