package io.udc.search.cost;

import io.udc.search.space.Choices;
import org.bytedeco.pytorch.Tensor;

/** A cost that a network is held to. */
public interface CostModel extends AutoCloseable {

    /** What is counted, as it appears in logs: "bytes", "cycles", "sram". */
    String name();

    /**
     * The expected cost when every decision is drawn on its own.
     *
     * @param probabilities [decisions, options]
     * @return a differentiable scalar
     */
    Tensor expected(Tensor probabilities);

    /** The cost of one network, by the same model. */
    double of(Choices choices);

    @Override
    void close();
}
