package io.udc.search.supernet;

import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (Kingma and Ba, ICLR 2015) on one flat tensor, so that a step is a handful of operations however many layers
 * there are. Not thread-safe.
 */
final class Adam implements AutoCloseable {

    private static final double EPSILON = 1e-8;

    private final double firstDecay;
    private final double secondDecay;
    private final Tensor first;
    private final Tensor second;
    private long steps;

    Adam(Tensor values, double firstDecay, double secondDecay) {
        this.firstDecay = firstDecay;
        this.secondDecay = secondDecay;
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            first = scope.keep(torch.zeros_like(values));
            second = scope.keep(torch.zeros_like(values));
        }
    }

    /** Changes the values by one step. */
    void step(Tensor values, Tensor gradient, double learningRate) {
        steps++;
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            first.lerp_(gradient, new Scalar(1 - firstDecay));
            second.mul_(new Scalar(secondDecay)).addcmul_(gradient, gradient, new Scalar(1 - secondDecay));
            double firstBias = 1 - Math.pow(firstDecay, steps);
            double secondBias = Math.sqrt(1 - Math.pow(secondDecay, steps));
            Tensor denominator = second.sqrt().add_(new Scalar(EPSILON * secondBias));
            values.addcdiv_(first, denominator, new Scalar(-learningRate * secondBias / firstBias));
        }
    }

    long steps() {
        return steps;
    }

    void setSteps(long done) {
        steps = done;
    }

    /** The two moving averages, for checkpoints. */
    List<Tensor> state() {
        return List.of(first, second);
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
