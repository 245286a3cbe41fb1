package io.udc.search.space;

import io.udc.arch.Architecture;
import io.udc.arch.Shape;
import io.udc.search.space.SearchBlock.SearchOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A search space unrolled for one picture size: every decision, every weight tensor and how they hang together.
 * Immutable.
 */
public final class SpaceGraph {

    private final SearchSpace space;
    private final Shape input;
    private final Head head;
    private final List<Decision> decisions;
    private final List<SearchLayer> layers;
    private final SearchLayer stem;
    private final List<SearchBlock> blocks;
    private final SearchLayer last;

    private SpaceGraph(SpaceGraphBuilder builder) {
        this.space = builder.space();
        this.input = builder.input();
        this.head = builder.head();
        this.stem = builder.stem();
        this.blocks = List.copyOf(builder.blocks());
        this.last = builder.last();
        this.decisions = List.copyOf(builder.decisions());
        this.layers = List.copyOf(builder.layers());
    }

    /**
     * Unrolls a space.
     *
     * @param input shape of one picture
     * @throws IllegalArgumentException if the strides leave less than one row or column
     */
    public static SpaceGraph of(SearchSpace space, Shape input, Head head) {
        SpaceGraphBuilder builder = new SpaceGraphBuilder(space, input, head);
        builder.build();
        return new SpaceGraph(builder);
    }

    public SearchSpace space() {
        return space;
    }

    public Shape input() {
        return input;
    }

    public Head head() {
        return head;
    }

    /** All decisions, by index. */
    public List<Decision> decisions() {
        return decisions;
    }

    /** All weight tensors, by index. */
    public List<SearchLayer> layers() {
        return layers;
    }

    /** The first convolution. */
    public SearchLayer stem() {
        return stem;
    }

    public List<SearchBlock> blocks() {
        return blocks;
    }

    /** The classifier's dense layer, or the upscaler's last convolution. */
    public SearchLayer last() {
        return last;
    }

    /** Shape of the map behind the last block when it has this many channels. */
    public Shape features(int channels) {
        return blocks.get(blocks.size() - 1).operators().get(0).last().outputShape(channels);
    }

    /**
     * The fixed variance by whose root an upscaler's layer divides in the place of batch norm, so that its gain is
     * of order 1: that of its widest sum over inputs of variance 1. What a linear operator makes on the way to its last
     * layer is left as it is, and that layer divides by all of it.
     */
    public double fixedVariance(SearchLayer layer) {
        double residual = layer == last ? Head.Upscaler.INITIAL_RESIDUAL : 1;
        return summands(layer) / (residual * residual);
    }

    private double summands(SearchLayer layer) {
        return blocks.stream()
                .flatMap(block -> block.operators().stream())
                .filter(operator -> operator.kind().isLinear() && operator.layers().contains(layer))
                .findFirst()
                .map(operator -> layer == operator.last() ? summands(operator) : 1)
                .orElse((double) layer.widest().perChannel());
    }

    private static double summands(SearchOperator operator) {
        return operator.layers().stream()
                .mapToDouble(layer -> layer.widest().perChannel())
                .reduce(1, (a, b) -> a * b);
    }

    /** The layers that the network of these choices has, in execution order. */
    public List<SearchLayer> usedLayers(Choices choices) {
        List<SearchLayer> used = new ArrayList<>();
        for (SearchLayer layer : layers) {
            if (layer.isUsed(choices)) {
                used.add(layer);
            }
        }
        return used;
    }

    /** The network of these choices. */
    public Architecture architecture(Choices choices) {
        return new ArchitectureWriter(this, choices).write();
    }

    /** The choices that take, for every decision, the option of which {@code value} is greatest. */
    public Choices choose(OptionValue value) {
        int[] options = new int[decisions.size()];
        for (Decision decision : decisions) {
            ToDoubleFunction<Integer> ofDecision = option -> value.of(decision, option);
            int best = 0;
            for (int option = 1; option < decision.options(); option++) {
                if (ofDecision.applyAsDouble(option) > ofDecision.applyAsDouble(best)) {
                    best = option;
                }
            }
            options[decision.index()] = best;
        }
        return new Choices(options);
    }

    /** A score of one option of one decision. */
    @FunctionalInterface
    public interface OptionValue {
        double of(Decision decision, int option);
    }

    /**
     * The largest network with the first operator of every block: all blocks, the largest extents, the most bits
     * and no sparsity beyond the least.
     */
    public Choices widest() {
        return choose((decision, option) -> switch (decision.kind()) {
            case OPERATOR, SPARSITY -> -option;
            case DEPTH, KERNEL, EXPANSION, WIDTH, BITS -> option;
        });
    }
}
