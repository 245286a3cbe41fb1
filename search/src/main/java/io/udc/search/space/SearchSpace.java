package io.udc.search.space;

import java.util.List;

/**
 * A space of networks, as its JSON file states it.
 *
 * @param name what it is for, for people
 * @param weightBits weight bit widths that a layer may have, ascending, within 2 to 8
 * @param sparsities shares of pruned weights that a layer may have, ascending, from 0 to below 1
 * @param stem the first convolution
 * @param stages groups of blocks that share one width, at least one
 * @param headKernels kernel extents of the last convolution of an upscaling network to choose from, as in
 *     {@link Operator#kernels}; ignored by classifiers
 */
public record SearchSpace(
        String name,
        List<Integer> weightBits,
        List<Double> sparsities,
        Stem stem,
        List<Stage> stages,
        List<Integer> headKernels) {

    /** Most options of one decision: the width of the padded logit table, and what the kernels can mix. */
    public static final int MAX_OPTIONS = 8;

    public SearchSpace {
        Ranges.present("name", name);
        Ranges.present("stem", stem);
        Ranges.ascending("weightBits", weightBits, 2, 8);
        Ranges.ascending("sparsities", sparsities, 0, 0.99);
        Ranges.notEmpty("stages", stages);
        weightBits = List.copyOf(weightBits);
        sparsities = List.copyOf(sparsities);
        stages = List.copyOf(stages);
        headKernels = Ranges.kernels("headKernels", headKernels);
    }

    /**
     * The first convolution.
     *
     * @param kernels its extents to choose from, as in {@link Operator#kernels}
     * @param stride 1 or 2
     * @param widths output channels to choose from, ascending
     */
    public record Stem(List<Integer> kernels, int stride, List<Integer> widths) {
        public Stem {
            kernels = Ranges.kernels("stem.kernels", kernels);
            Ranges.within("stem.stride", stride, 1, 2);
            Ranges.ascending("stem.widths", widths, 1, 4096);
            widths = List.copyOf(widths);
        }
    }

    /**
     * Blocks that share their output width, because they are joined by residual sums.
     *
     * @param widths output channels to choose from, ascending
     * @param blocks number of blocks; the first one always stays, each other one may be skipped
     * @param stride stride of the first block: 1 or 2
     * @param operators what each block chooses from
     */
    public record Stage(List<Integer> widths, int blocks, int stride, List<Operator> operators) {
        public Stage {
            Ranges.ascending("stages.widths", widths, 1, 4096);
            Ranges.within("stages.blocks", blocks, 1, 64);
            Ranges.within("stages.stride", stride, 1, 2);
            Ranges.notEmpty("stages.operators", operators);
            Ranges.within("the number of stages.operators", operators.size(), 1, MAX_OPTIONS);
            widths = List.copyOf(widths);
            operators = List.copyOf(operators);
        }
    }

    /**
     * One way to compute a block.
     *
     * @param kind which layers it is made of
     * @param kernels kernel extents to choose from, ascending, of 1, 3, 5 and 7; smaller ones share the middle of the largest
     * @param expansions for {@code inverted} blocks: hidden widths to choose from, as multiples of the widest
     *     input; empty for the others
     */
    public record Operator(OperatorKind kind, List<Integer> kernels, List<Integer> expansions) {
        public Operator {
            if (kind == null) {
                throw new IllegalArgumentException("operators.kind: missing, expected dense, separable or inverted");
            }
            kernels = Ranges.kernels("operators.kernels", kernels);
            if (kind == OperatorKind.INVERTED) {
                Ranges.ascending("operators.expansions", expansions, 1, 16);
            } else if (expansions == null || !expansions.isEmpty()) {
                throw new IllegalArgumentException(
                        "operators.expansions: found " + expansions + ", expected [] for " + kind.label());
            }
            expansions = List.copyOf(expansions);
        }
    }
}
