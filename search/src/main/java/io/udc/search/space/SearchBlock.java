package io.udc.search.space;

import java.util.List;

/**
 * One block of the supernet: y = relu(x + f(x)) where it is residual, y = relu(f(x)) where it changes the width or
 * the resolution, f being one of the operators.
 *
 * @param name prefix of its layers' names
 * @param residual whether the input is added to the result
 * @param out output channels, shared by the stage
 * @param depth index of the decision that may leave the block out, or {@link Extent#FIXED}; only residual blocks
 *     have one
 * @param operator index of the operator decision, or {@link Extent#FIXED} if there is one operator only
 * @param operators the operators, by option
 */
public record SearchBlock(
        String name, boolean residual, Extent out, int depth, int operator, List<SearchOperator> operators) {

    public SearchBlock {
        operators = List.copyOf(operators);
    }

    /** Name of the sum that ends the block, if it is residual. */
    public String sumName() {
        return name + ".sum";
    }

    /**
     * One operator of a block.
     *
     * @param kind which layers it has
     * @param layers its layers in execution order; the last one makes the block's output width
     */
    public record SearchOperator(OperatorKind kind, List<SearchLayer> layers) {
        public SearchOperator {
            layers = List.copyOf(layers);
        }

        /** Whether it is one convolution of all channels. */
        public boolean isDense() {
            return kind == OperatorKind.DENSE;
        }

        /** The largest kernel that it may have. */
        public int kernel() {
            return layers.stream().mapToInt(layer -> layer.kernel().largest()).max().orElseThrow();
        }

        /** The layer that makes the block's output width. */
        public SearchLayer last() {
            return layers.get(layers.size() - 1);
        }
    }
}
