package io.udc.search.space;

/** The five decisions of the method, with the two that belong to an operator's inside. */
public enum DecisionKind {
    DEPTH,
    OPERATOR,
    KERNEL,
    EXPANSION,
    WIDTH,
    BITS,
    SPARSITY;

    /** Whether it is about how weights are stored, not about what the network computes with. */
    public boolean compresses() {
        return this == BITS || this == SPARSITY;
    }

    /** The name used in logs. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
