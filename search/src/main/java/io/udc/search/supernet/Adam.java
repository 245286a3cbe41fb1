package io.udc.search.supernet;

import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adam (Kingma and Ba, ICLR 2015) on one flat tensor, so that a step is a handful of operations however many
 * layers there are. Not thread-safe.
 */
final class Adam implements AutoCloseable {

    private static final double EPSILON = 1e-8;

    private final double firstDecay;
    private final double secondDecay;
    private final Tensor pools;
    private final Tensor first;
    private final Tensor second;
    private long steps;

    Adam(Tensor values, double firstDecay, double secondDecay) {
        this(values, firstDecay, secondDecay, null);
    }

    /**
     * @param pools [rows, rows]: the second moment of a row of values is the mean square of all its pool's
     *     rows, so that steps are in proportion to gradients within a pool: what a gradient says little about
     *     stays where it is, and does not wander by the length of a step; null for a second moment of each
     *     value's own
     */
    Adam(Tensor values, double firstDecay, double secondDecay, Tensor pools) {
        this.firstDecay = firstDecay;
        this.secondDecay = secondDecay;
        this.pools = pools;
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
            Tensor squares = gradient.mul(gradient);
            Tensor pooled = pools == null ? squares : pools.mv(squares.mean(1)).unsqueeze(1).expand_as(second);
            second.lerp_(pooled, new Scalar(1 - secondDecay));
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
