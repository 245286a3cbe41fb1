package io.udc.search.task;

import io.udc.data.Normalization;
import io.udc.search.train.Objective;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An upscaler's training loss: the mean absolute difference from the original, mixed with that from the teacher's
 * picture. Its unit is one level of 8-bit pictures, which puts it among the other terms of a search.
 */
final class UpscalingObjective implements Objective {

    private final Normalization normalization;
    private final double distillationWeight;

    /** @param distillationWeight share of the teacher, 0 to 1 */
    UpscalingObjective(Normalization normalization, double distillationWeight) {
        this.normalization = normalization;
        this.distillationWeight = distillationWeight;
    }

    @Override
    public Tensor loss(
            UnaryOperator<Tensor> network,
            UnaryOperator<Tensor> teacher,
            Tensor images,
            Tensor targets,
            SplittableRandom random) {
        Tensor output = network.apply(images);
        Tensor loss = ofOriginals(output, targets);
        if (teacher == null) {
            return loss;
        }
        Tensor taught = difference(output, teacher.apply(images));
        return loss.mul(new Scalar(1 - distillationWeight)).add(taught, new Scalar(distillationWeight));
    }

    /**
     * The loss without a teacher.
     *
     * @param output real values [N,1,H,W]
     * @param originals uint8 [N,1,H,W]
     */
    Tensor ofOriginals(Tensor output, Tensor originals) {
        return difference(output, normalization.toFloat(originals));
    }

    private Tensor difference(Tensor output, Tensor wanted) {
        return output.sub(wanted).abs().mean().mul(new Scalar(1 / normalization.scale()));
    }
}
