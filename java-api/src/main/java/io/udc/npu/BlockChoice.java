package io.udc.npu;

/** How the block of each operator is chosen. */
public enum BlockChoice {
    /** Vela's rule: the least data fetched again. */
    VELA,
    /** The fewest estimated cycles, never more than with Vela's block. Vela itself cannot be told so. */
    FEWEST_CYCLES
}
