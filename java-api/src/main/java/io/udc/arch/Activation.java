package io.udc.arch;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The activation fused into a node. */
public enum Activation {
    @JsonProperty("none")
    NONE,
    @JsonProperty("relu")
    RELU
}
