package io.udc.search.train;

import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Moves weights along their momentum with all singular values brought to about 1 (Muon; Jordan et al., "Muon: An
 * optimizer for hidden layers in neural networks", 2024; Bernstein and Newhouse, arXiv 2409.20325). What a layer sees
 * is strongly correlated, most of all in pictures: gradients are large in a few directions, the brightness of a patch
 * before all, and a rule that looks at single weights hardly moves along the others.
 *
 * <p>A depthwise layer is a group of matrices of a single row, a filter each. Not thread-safe.
 */
public final class OrthogonalMomentum implements AutoCloseable {

    /**
     * Root mean square of a step at a learning rate of 1. That of Adam's steps is 0.2 to 0.4 (Liu et al., arXiv
     * 2502.16982, section 2.2), so a learning rate means about the same to both.
     */
    private static final double STEP = 0.3;

    /** Of a row whose entries count. */
    private static final double LEAST_NORM = 1e-15;

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

        long groups() {
            return values.size(0);
        }

        long shorterSide() {
            return Math.min(values.size(1), values.size(2));
        }

        /** One of the three, with no more rows than columns. */
        Tensor wide(Tensor part) {
            return part.size(1) > part.size(2) ? part.transpose(1, 2) : part;
        }

        /** Moves the momenta, and looks ahead of them as Nesterov does; with no more rows than columns. */
        Tensor ahead(double decay) {
            momenta.lerp_(gradients, new Scalar(1 - decay));
            return wide(gradients.lerp(momenta, new Scalar(decay)));
        }

        /** What a matrix of singular values of 1 is multiplied by: its entries' root mean square is 1 / side. */
        Scalar length(double rate) {
            return new Scalar(-rate * STEP * Math.sqrt(Math.max(values.size(1), values.size(2))));
        }

        /** Gives the views back. */
        @Override
        public void close() {
            values.close();
            gradients.close();
            momenta.close();
        }
    }

    private final List<Layer> rows;
    private final List<PolarBatch> batches;

    /** @param layers stay the caller's, who closes them when the last step is done */
    public OrthogonalMomentum(List<Layer> layers) {
        rows = layers.stream().filter(layer -> layer.shorterSide() == 1).toList();
        batches = layers.stream()
                .filter(layer -> layer.shorterSide() > 1)
                .collect(Collectors.groupingBy(
                        layer -> PolarBatch.paddedSide(layer.shorterSide()), TreeMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(batch -> new PolarBatch(batch.getKey(), batch.getValue()))
                .toList();
    }

    /** One step. Needs a scope that is open, and no gradient mode. */
    public void step(double rate, double decay) {
        for (Layer layer : rows) {
            // The only singular value of a row is its norm.
            Tensor row = layer.ahead(decay);
            Tensor norms = row.norm(new ScalarOptional(), new long[] {1, 2}, true).clamp_min_(new Scalar(LEAST_NORM));
            layer.wide(layer.values()).add_(row.div_(norms), layer.length(rate));
        }
        for (PolarBatch batch : batches) {
            batch.step(rate, decay);
        }
    }

    @Override
    public void close() {
        batches.forEach(PolarBatch::close);
    }
}
