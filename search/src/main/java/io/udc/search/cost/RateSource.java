package io.udc.search.cost;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where the bits per weight come from by which a search counts its networks. */
public enum RateSource {

    /** The encoder's streams of the live weights. */
    @JsonProperty("measured")
    MEASURED,

    /** What an ideal code needs at most, {@link RateTable#closedForm}: the positions of zeros cost their entropy. */
    @JsonProperty("closed-form")
    CLOSED_FORM,

    /** Bits times parameters that survive, (1 - sparsity) bits: the positions of zeros cost nothing. */
    @JsonProperty("parameters")
    PARAMETERS
}
