package io.udc.search.train;

import io.udc.arch.Depthwise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
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
 * once. Depthwise layers have a filter for each channel and no matrix between channels; they are left to others.
 * Not thread-safe.
 */
final class OrthogonalMomentum {

    /** Of x -> A x + B x^3 + C x^5, by Jordan et al. */
    private static final double A = 3.4445;

    private static final double B = -4.7750;
    private static final double C = 2.0315;
    private static final int ITERATIONS = 5;
    private static final double EPSILON = 1e-12;

    /**
     * Root mean square of a step at a learning rate of 1. That of Adam's steps is 0.2 to 0.4 (Liu et al., arXiv
     * 2502.16982, section 2.2), so a learning rate means about the same to both.
     */
    private static final double STEP = 0.3;

    /** Layers of one form; views of the flat tensors, each [outputs, weights per output]. */
    private record Group(List<Tensor> values, List<Tensor> gradients, List<Tensor> momenta) {}

    private final List<LayerSlice> others;
    private final List<Group> groups;

    /** @param momenta flat, with the layout of the weights; moving averages of their gradients */
    OrthogonalMomentum(ParameterStore store, Tensor momenta) {
        others = store.slices().stream().filter(slice -> !isMatrix(slice)).toList();
        Map<List<Integer>, Group> byForm = new LinkedHashMap<>();
        for (LayerSlice slice : store.slices()) {
            if (!isMatrix(slice)) {
                continue;
            }
            Group group = byForm.computeIfAbsent(
                    List.of(slice.channels(), slice.shape().perChannel()),
                    form -> new Group(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
            group.values().add(store.weights(store.values(), slice));
            group.gradients().add(store.weights(store.gradients(), slice));
            group.momenta().add(store.weights(momenta, slice));
        }
        groups = List.copyOf(byForm.values());
    }

    private static boolean isMatrix(LayerSlice slice) {
        return !(slice.node() instanceof Depthwise);
    }

    /** The layers that have no matrix. */
    List<LayerSlice> others() {
        return others;
    }

    /** One step. Needs a scope that is open, and no gradient mode. */
    void step(double rate, double decay) {
        for (Group group : groups) {
            Tensor gradients = stack(group.gradients());
            Tensor momenta = stack(group.momenta()).lerp_(gradients, new Scalar(1 - decay));
            copy(momenta, group.momenta());
            Tensor ahead = gradients.lerp_(momenta, new Scalar(decay)); // as Nesterov's
            double unit = Math.sqrt(Math.max(ahead.size(1), ahead.size(2))); // brings singular values of 1 to entries of 1
            Tensor moved = stack(group.values()).add_(orthogonal(ahead), new Scalar(-rate * STEP * unit));
            copy(moved, group.values());
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
        Tensor norm = x.square().sum(new long[] {1, 2}, true, new ScalarTypeOptional()).sqrt_();
        x = x.div(norm.add_(new Scalar(EPSILON)));
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor square = x.bmm(x.transpose(1, 2));
            Tensor polynomial = square.baddbmm(square, square, new Scalar(B), new Scalar(C));
            x = x.baddbmm(polynomial, x, new Scalar(A), new Scalar(1.0));
        }
        return tall ? x.transpose(1, 2) : x;
    }

    private static Tensor stack(List<Tensor> tensors) {
        return torch.stack(new TensorVector(tensors.toArray(Tensor[]::new)));
    }

    private static void copy(Tensor stacked, List<Tensor> targets) {
        for (int i = 0; i < targets.size(); i++) {
            targets.get(i).copy_(stacked.select(0, i));
        }
    }
}
