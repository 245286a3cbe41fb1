package io.udc.search.train;

import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The loss of a training. */
@FunctionalInterface
public interface Objective {

    /**
     * The loss of a batch, a scalar; everything it makes belongs to the open scope.
     *
     * @param network from real pictures [N,C,H,W] to its output
     * @param teacher likewise, without gradients; null without distillation
     * @param images real values [N,C,H,W]
     * @param targets of the batch, on the device of the images
     * @param random what is random in this step
     */
    Tensor loss(
            UnaryOperator<Tensor> network,
            UnaryOperator<Tensor> teacher,
            Tensor images,
            Tensor targets,
            SplittableRandom random);
}
