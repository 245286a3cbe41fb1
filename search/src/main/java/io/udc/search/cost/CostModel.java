package io.udc.search.cost;

import io.udc.search.space.Choices;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import org.bytedeco.pytorch.Tensor;

/** A cost that a network is held to, made of one figure for each layer. */
public interface CostModel extends AutoCloseable {

    /** How the layers' figures make the network's. */
    enum Aggregation {
        SUM,
        MAX
    }

    /** What is counted, as it appears in logs: "bytes", "latency", "sram". */
    String name();

    Aggregation aggregation();

    /**
     * The expected cost when every decision is drawn on its own.
     *
     * @param probabilities [decisions, options]
     * @return a differentiable scalar
     */
    Tensor expected(Tensor probabilities);

    /** The figure of one layer of a network that has it. */
    double ofLayer(SearchLayer layer, LayerOptions options);

    /** The cost of one network, by the same figures. */
    default double of(SpaceGraph graph, Choices choices) {
        double total = 0;
        for (SearchLayer layer : graph.usedLayers(choices)) {
            double figure = ofLayer(layer, LayerOptions.of(layer, choices));
            total = aggregation() == Aggregation.SUM ? total + figure : Math.max(total, figure);
        }
        return total;
    }

    /**
     * The cost of one network as exactly as it can be told before it is trained; what the layers' figures say where
     * they do not depend on each other.
     *
     * @throws io.udc.InputException if the NPU's model does not cover the network
     */
    double measured(Choices choices);

    /** Makes the layers' figures what they are in this network. */
    default void fitTo(Choices choices) {}

    /** The same for those figures that are too low. */
    default void raiseTo(Choices choices) {}

    /** Takes over the bits per weight that have been measured since. */
    default void refreshRates() {}

    @Override
    void close();
}
