package io.udc.search.task;

import io.udc.search.train.Objective;
import io.udc.search.train.TrainingConfig;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A classifier's training loss: cross-entropy with label smoothing, mixed with the cross-entropy against a
 * teacher's softened probabilities (Hinton et al., arXiv 1503.02531), on pictures that may be mixed in pairs
 * (mixup, arXiv 1710.09412).
 */
final class ClassificationObjective implements Objective {

    private static final long IGNORED_LABEL = -100;
    private static final long MEAN = 1;

    private final TrainingConfig config;

    ClassificationObjective(TrainingConfig config) {
        this.config = config;
    }

    @Override
    public Tensor loss(
            UnaryOperator<Tensor> network,
            UnaryOperator<Tensor> teacher,
            Tensor images,
            Tensor labels,
            SplittableRandom random) {
        double own = config.mixup() > 0 ? beta(config.mixup(), random) : 1;
        Tensor input = images;
        if (own < 1) {
            input = images.mul(new Scalar(own)).add_(images.roll(new long[] {1}, 0), new Scalar(1 - own));
        }
        Tensor logits = network.apply(input);
        Tensor loss = crossEntropy(logits, labels, config.labelSmoothing());
        if (own < 1) {
            Tensor other = crossEntropy(logits, labels.roll(new long[] {1}, 0), config.labelSmoothing());
            loss = loss.mul(new Scalar(own)).add(other, new Scalar(1 - own));
        }
        if (teacher == null) {
            return loss;
        }
        double weight = config.distillationWeight();
        return loss.mul(new Scalar(1 - weight)).add(distillation(logits, teacher.apply(input)), new Scalar(weight));
    }

    /** Cross-entropy against the softened teacher, times the temperature squared so that gradients keep their size. */
    private Tensor distillation(Tensor logits, Tensor taught) {
        double temperature = config.distillationTemperature();
        Tensor soft = taught.div(new Scalar(temperature)).softmax(1);
        return crossEntropy(logits.div(new Scalar(temperature)), soft, 0).mul(new Scalar(temperature * temperature));
    }

    private static Tensor crossEntropy(Tensor logits, Tensor target, double smoothing) {
        return torch.cross_entropy_loss(logits, target, new TensorOptional(), MEAN, IGNORED_LABEL, smoothing);
    }

    /** A number from the symmetric beta distribution (Jöhnk's method; made for parameters up to about 1). */
    private static double beta(double parameter, SplittableRandom random) {
        for (int trial = 0; trial < 1000; trial++) {
            double a = Math.pow(random.nextDouble(), 1 / parameter);
            double b = Math.pow(random.nextDouble(), 1 / parameter);
            if (a + b <= 1 && a + b > 0) {
                return a / (a + b);
            }
        }
        return 0.5;
    }
}
