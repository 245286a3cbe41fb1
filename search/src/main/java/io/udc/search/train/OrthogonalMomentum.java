package io.udc.search.train;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Moves weights along their momentum with all singular values brought to about 1 (Muon; Jordan et al., "Muon: An
 * optimizer for hidden layers in neural networks", 2024; Bernstein and Newhouse, arXiv 2409.20325). What a layer sees
 * is strongly correlated, most of all in pictures: gradients are large in a few directions, the brightness of a patch
 * before all, and a rule that looks at single weights hardly moves along the others.
 *
 * <p>The singular values are brought there by a polynomial of matrix products alone, for all layers of one form at
 * once. A depthwise layer is a row of matrices, a filter each. Not thread-safe.
 */
public final class OrthogonalMomentum {

    /** Of x -> A x + B x^3 + C x^5, by Jordan et al. */
    private static final double A = 3.4445;

    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final int ITERATIONS = 5;
    private static final double LEAST = 1e-30;

    /**
     * Root mean square of a step at a learning rate of 1. That of Adam's steps is 0.2 to 0.4 (Liu et al., arXiv
     * 2502.16982, section 2.2), so a learning rate means about the same to both.
     */
    private static final double STEP = 0.3;

    /**
     * The weights of a layer; views that the optimiser changes.
     *
     * @param values [groups, outputs, weights per output], outputs of one group
     * @param gradients of the same sizes
     * @param momenta moving averages of the gradients, of the same sizes
     */
    public record Layer(Tensor values, Tensor gradients, Tensor momenta) implements AutoCloseable {

        public Layer {
            long[] sizes = values.shape();
            if (sizes.length != 3 || !Arrays.equals(sizes, gradients.shape())
                    || !Arrays.equals(sizes, momenta.shape())) {
                throw new IllegalArgumentException("layer: found values " + Arrays.toString(sizes) + ", gradients "
                        + Arrays.toString(gradients.shape()) + " and momenta " + Arrays.toString(momenta.shape())
                        + ", expected three equal sizes each");
            }
        }

        private List<Long> form() {
            return List.of(values.size(1), values.size(2));
        }

        /** Gives the views back. */
        @Override
        public void close() {
            values.close();
            gradients.close();
            momenta.close();
        }
    }

    private final List<List<Layer>> layersOfOneForm;

    /** @param layers stay the caller's, who closes them when the last step is done */
    public OrthogonalMomentum(List<Layer> layers) {
        layersOfOneForm = List.copyOf(layers.stream()
                .collect(Collectors.groupingBy(Layer::form, LinkedHashMap::new, Collectors.toList()))
                .values());
    }

    /**
     * One step. A matrix without any gradient, such as that of an operator that is left out, stands still: however
     * small what is left of its momentum, the step along it would be as long as any. Needs a scope that is open, and
     * no gradient mode.
     */
    public void step(double rate, double decay) {
        for (List<Layer> layers : layersOfOneForm) {
            Tensor gradients = join(layers, Layer::gradients);
            Tensor moves = largest(gradients).sign_(); // 1, or 0 without any gradient
            Tensor momenta = join(layers, Layer::momenta).lerp_(gradients, new Scalar(1 - decay));
            split(momenta, layers, Layer::momenta);
            Tensor ahead = gradients.lerp_(momenta, new Scalar(decay)); // as Nesterov's
            // Singular values of 1 leave entries of a root mean square of 1 / unit.
            double unit = Math.sqrt(Math.max(ahead.size(1), ahead.size(2)));
            Tensor step = orthogonal(ahead).mul(moves);
            Tensor values = join(layers, Layer::values).add_(step, new Scalar(-rate * STEP * unit));
            split(values, layers, Layer::values);
        }
    }

    /**
     * The matrices of the same singular vectors with singular values of about 1 (0.6 to 1.3). A singular value
     * below 1/500 of the matrix's norm stays smaller, and 0 stays 0.
     *
     * @param matrices [count, rows, columns]
     */
    static Tensor orthogonal(Tensor matrices) {
        boolean tall = matrices.size(1) > matrices.size(2);
        Tensor x = tall ? matrices.transpose(1, 2) : matrices;
        x = x.div(largest(x).clamp_min_(new Scalar(LEAST))); // or squares of small entries would be 0
        Tensor norms = x.norm(new ScalarOptional(), new long[] {1, 2}, true);
        x = x.div_(norms.clamp_min_(new Scalar(LEAST)));
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor square = x.bmm(x.transpose(1, 2));
            Tensor polynomial = square.baddbmm(square, square, new Scalar(B), new Scalar(C));
            x = x.baddbmm(polynomial, x, new Scalar(A), new Scalar(1.0));
        }
        return tall ? x.transpose(1, 2) : x;
    }

    /** The largest magnitude of each matrix, [count, 1, 1]. */
    private static Tensor largest(Tensor matrices) {
        return matrices.abs().amax(new long[] {1, 2}, true);
    }

    private static Tensor join(List<Layer> layers, Function<Layer, Tensor> part) {
        return torch.cat(new TensorVector(layers.stream().map(part).toArray(Tensor[]::new)));
    }

    private static void split(Tensor joined, List<Layer> layers, Function<Layer, Tensor> part) {
        long from = 0;
        for (Layer layer : layers) {
            Tensor target = part.apply(layer);
            target.copy_(joined.narrow(0, from, target.size(0)));
            from += target.size(0);
        }
    }
}
