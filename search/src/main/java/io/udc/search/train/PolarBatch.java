package io.udc.search.train;

import io.udc.memory.StepScope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The layers of an {@link OrthogonalMomentum} whose matrices have shorter sides of about one length, stepped at once.
 *
 * <p>A matrix X of singular values of 1 in the place of its own is F X with F = (X X^T)^(-1/2). F is found as a product of
 * polynomials of X X^T, whose side is X's shorter one; padded with zeros, the squares of all layers are one batch,
 * whatever their longer sides are, and X itself is read three times. Not thread-safe.
 */
final class PolarBatch implements AutoCloseable {

    /** Of x -> A x + B x^3 + C x^5, by Jordan et al. */
    private static final double A = 3.4445;

    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final int ITERATIONS = 5;

    /** Sum of squares of a matrix whose entries count. */
    private static final double LEAST_TRACE = 1e-30;

    /** A layer with its matrices' squares and factors, views of the batch's. */
    private record Entry(OrthogonalMomentum.Layer layer, Tensor squares, Tensor factors) {}

    private final Tensor squares;
    private final Tensor factors;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * @param side of the squares
     * @param layers no shorter side of which is longer
     */
    PolarBatch(long side, List<OrthogonalMomentum.Layer> layers) {
        long count = layers.stream().mapToLong(OrthogonalMomentum.Layer::groups).sum();
        try (StepScope scope = StepScope.open()) {
            squares = scope.keep(torch.zeros(new long[] {count, side, side}, layers.get(0).values().options()));
            factors = scope.keep(torch.zeros_like(squares));
            long from = 0;
            for (OrthogonalMomentum.Layer layer : layers) {
                entries.add(new Entry(
                        layer, scope.keep(part(squares, from, layer)), scope.keep(part(factors, from, layer))));
                from += layer.groups();
            }
        }
    }

    private static Tensor part(Tensor batch, long from, OrthogonalMomentum.Layer layer) {
        long side = layer.shorterSide();
        return batch.narrow(0, from, layer.groups()).narrow(1, 0, side).narrow(2, 0, side);
    }

    /** The side of the squares to which a shorter side belongs: the next power of two. */
    static long paddedSide(long shorterSide) {
        return shorterSide <= 1 ? 1 : 2 * Long.highestOneBit(shorterSide - 1);
    }

    /** One step of the layers. Needs a scope that is open, and no gradient mode. */
    void step(double rate, double decay) {
        List<Tensor> matrices = entries.stream().map(entry -> entry.layer().ahead(decay)).toList();
        for (int i = 0; i < matrices.size(); i++) {
            Tensor x = matrices.get(i);
            torch.bmm_out(entries.get(i).squares(), x, x.transpose(1, 2));
        }
        factors.copy_(inverseRoots(squares));
        for (int i = 0; i < matrices.size(); i++) {
            Entry entry = entries.get(i);
            OrthogonalMomentum.Layer layer = entry.layer();
            layer.wide(layer.values())
                    .baddbmm_(entry.factors(), matrices.get(i), new Scalar(1.0), layer.length(rate));
        }
    }

    /**
     * About S^(-1/2) for S = X X^T, so that the result times X has X's singular vectors, and singular values of 0.6 to
     * 1.3. One below 1/500 of X's norm stays smaller, and 0 stays 0.
     *
     * @param squares [count, side, side]
     */
    static Tensor inverseRoots(Tensor squares) {
        Tensor traces = squares.diagonal(0, 1, 2)
                .sum(new long[] {1}, true, new ScalarTypeOptional())
                .clamp_min_(new Scalar(LEAST_TRACE))
                .unsqueeze(2);
        Tensor square = squares.div(traces);
        Tensor polynomial = polynomial(square);
        Tensor factor = polynomial.clone();
        factor.diagonal(0, 1, 2).add_(new Scalar(A));
        for (int i = 1; i < ITERATIONS; i++) {
            square = times(times(square, polynomial), polynomial);
            polynomial = polynomial(square);
            factor = times(factor, polynomial);
        }
        return factor.div_(traces.sqrt());
    }

    /** B s + C s^2. */
    private static Tensor polynomial(Tensor square) {
        return square.baddbmm(square, square, new Scalar(B), new Scalar(C));
    }

    /** x (A + polynomial). */
    private static Tensor times(Tensor x, Tensor polynomial) {
        return x.baddbmm(x, polynomial, new Scalar(A), new Scalar(1.0));
    }

    @Override
    public void close() {
        entries.forEach(entry -> {
            entry.squares().close();
            entry.factors().close();
        });
        squares.close();
        factors.close();
    }
}
