package io.udc.search.supernet;

import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Linear operators of a block as one convolution: what a sum of their weights makes of a map is the sum of what they
 * make of it, and a depthwise convolution and the 1x1 convolution behind it have the weights of a dense one, products of
 * theirs. A separable operator beside a dense one then costs next to nothing.
 *
 * @param decision which operator of the block is used
 * @param operators none, or several of which one is dense; all have kernels of one size
 */
record LinearOperators(int decision, List<SearchOperator> operators) {

    /** Keeps shares finite where none of the operators is used. */
    private static final float LEAST = 1e-12f;

    LinearOperators {
        operators = List.copyOf(operators);
    }

    /**
     * Those of a block that are less work together than each by itself.
     *
     * @param computed operators that are computed at all
     */
    static LinearOperators of(SearchBlock block, List<SearchOperator> computed) {
        List<SearchOperator> joined = computed.stream()
                .filter(SearchOperator::isDense)
                .findFirst()
                .map(dense -> computed.stream()
                        .filter(operator -> operator.kind().isLinear() && operator.kernel() == dense.kernel())
                        .toList())
                .orElse(List.of());
        return new LinearOperators(block.operator(), joined.size() > 1 ? joined : List.of());
    }

    /** The dense one, whose padding and stride are those of the convolution. */
    SearchLayer dense() {
        return operators.stream().filter(SearchOperator::isDense).findFirst().orElseThrow().last();
    }

    /**
     * How much each operator counts: their probabilities, brought to a sum of 1.
     *
     * @param probabilities [decisions, options]
     */
    Tensor shares(Tensor probabilities) {
        Tensor row = probabilities.select(0, decision);
        Tensor chosen = torch.stack(new TensorVector(operators.stream()
                .map(operator -> row.select(0, operator.last().operatorOption()))
                .toArray(Tensor[]::new)));
        return chosen.div(chosen.sum().add(new Scalar(LEAST)));
    }

    /**
     * The convolution's weights: the operators' mean. Differentiable.
     *
     * @param tensors of all layers
     * @param shares of the operators in it
     * @return [out, in, k, k]
     */
    Tensor weights(List<LayerTensors> tensors, Tensor shares) {
        Tensor sum = null;
        for (int i = 0; i < operators.size(); i++) {
            SearchOperator operator = operators.get(i);
            Tensor last = tensors.get(operator.last().index()).mixed().mul(shares.select(0, i));
            Tensor own = operator.isDense() ? last : last.mul(depthwise(tensors, operator.layers().get(0)));
            sum = sum == null ? own : sum.add(own);
        }
        return sum;
    }

    /** [1, in, k, k] */
    private static Tensor depthwise(List<LayerTensors> tensors, SearchLayer layer) {
        return tensors.get(layer.index()).mixed().transpose(0, 1);
    }
}
