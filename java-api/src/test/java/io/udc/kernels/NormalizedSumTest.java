package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.kernels.NormalizedSum.Gradients;
import io.udc.kernels.NormalizedSum.Term;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class NormalizedSumTest extends KernelTest {

    private static final double EPSILON = 1e-5;
    private static final int PICTURES = 3;
    private static final int HEIGHT = 5;
    private static final int WIDTH = 7;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "CUDA")
    void agreesWithTheSameOfLibtorch(Implementation implementation) {
        use(implementation);
        for (int channels : new int[] {1, 16, 19, 300}) {
            for (int terms = 1; terms <= 3; terms++) {
                for (boolean given : new boolean[] {false, true}) {
                    check(channels, terms, given, terms == 2, terms != 3);
                }
            }
        }
    }

    /** Against float64 operations and libtorch's automatic gradients. */
    private void check(int channels, int count, boolean given, boolean withResidual, boolean rectify) {
        List<Term> terms = terms(channels, count);
        Tensor residual = withResidual ? map(channels) : null;
        Tensor output = map(channels);
        NormalizedSum kernel = new NormalizedSum(rectify, given, EPSILON);
        List<Tensor> leaves = new ArrayList<>();
        Tensor exact = composed(terms, residual, given, rectify, leaves);
        kernel.forward(terms, residual, output);
        assertClose(exact, output, 1e-5, "output");

        Tensor gradient = map(channels);
        exact.backward(gradient.to(torch.ScalarType.Double), new org.bytedeco.pytorch.BoolOptional(), false,
                new org.bytedeco.pytorch.TensorArrayRefOptional());
        List<Gradients> gradients = terms.stream()
                .map(term -> new Gradients(map(channels), zeros(channels), zeros(channels)))
                .toList();
        Tensor residualGradient = withResidual ? map(channels) : null;
        kernel.backward(terms, output, gradient, gradients, residualGradient);
        for (int k = 0; k < count; k++) {
            assertClose(leaves.get(3 * k).grad(), gradients.get(k).map(), 1e-4, "map");
            assertClose(leaves.get(3 * k + 1).grad(), gradients.get(k).scale(), 1e-4, "scale");
            assertClose(leaves.get(3 * k + 2).grad(), gradients.get(k).shift(), 1e-4, "shift");
        }
        if (withResidual) {
            assertClose(leaves.get(3 * count).grad(), residualGradient, 1e-5, "residual");
        }
    }

    /** The sum in float64; the leaves are map, scale and shift of each term, then the residual. */
    private static Tensor composed(
            List<Term> terms, Tensor residual, boolean given, boolean rectify, List<Tensor> leaves) {
        Tensor sum = null;
        for (Term term : terms) {
            Tensor map = leaf(term.map(), leaves);
            Tensor scale = leaf(term.scale(), leaves);
            Tensor shift = leaf(term.shift(), leaves);
            Tensor normalized = torch.batch_norm(map, new TensorOptional(scale), new TensorOptional(shift),
                    given ? new TensorOptional(term.mean().to(torch.ScalarType.Double)) : new TensorOptional(),
                    given ? new TensorOptional(term.variance().to(torch.ScalarType.Double)) : new TensorOptional(),
                    !given, 0.1, EPSILON, false);
            sum = sum == null ? normalized : sum.add(normalized);
        }
        sum = residual == null ? sum : sum.add(leaf(residual, leaves));
        return rectify ? torch.relu(sum) : sum;
    }

    private static Tensor leaf(Tensor tensor, List<Tensor> leaves) {
        Tensor leaf = tensor.to(torch.ScalarType.Double);
        leaf.set_requires_grad(true);
        leaves.add(leaf);
        return leaf;
    }

    @Test
    void writesTheStatisticsOfTheBatch() {
        List<Term> terms = terms(8, 1);
        new NormalizedSum(false, false, EPSILON).forward(terms, null, map(8));
        Tensor exact = terms.get(0).map().to(torch.ScalarType.Double).permute(1, 0, 2, 3).reshape(8, -1);
        assertClose(exact.mean(1), terms.get(0).mean(), 1e-6, "mean");
        assertClose(exact.var(new long[] {1}, false, false), terms.get(0).variance(), 1e-5, "variance");
    }

    @Test
    void refusesOtherLayoutsAndShapes() {
        NormalizedSum kernel = new NormalizedSum(true, false, EPSILON);
        List<Term> terms = terms(4, 1);
        Tensor planar = torch.zeros(PICTURES, 4, HEIGHT, WIDTH);
        assertRefused("output: ", () -> kernel.forward(terms, null, planar));
        assertRefused("residual: ", () -> kernel.forward(terms, planar, map(4)));
        assertRefused("terms[0].map: ", () -> kernel.forward(terms, null, map(5)));
        assertRefused("gradients: ", () -> kernel.backward(terms, map(4), map(4), List.of(), null));
        assertRefused("term_count is 0", () -> kernel.forward(List.of(), null, map(4)));
        assertRefused("epsilon is 0", () -> new NormalizedSum(true, false, 0).forward(terms, null, map(4)));
    }

    private List<Term> terms(int channels, int count) {
        List<Term> terms = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            terms.add(new Term(map(channels), place(normals(channels, 1), channels),
                    place(normals(channels, 1), channels), place(normals(channels, 1), channels),
                    place(uniforms(channels, 0.1, 2), channels)));
        }
        return terms;
    }

    private Tensor map(int channels) {
        return place(normals(PICTURES * HEIGHT * WIDTH * channels, 1), PICTURES, HEIGHT, WIDTH, channels)
                .permute(0, 3, 1, 2);
    }

    /** The greatest difference against the greatest value. */
    private void assertClose(Tensor exact, Tensor found, double tolerance, String name) {
        double difference = exact.sub(found.to(torch.ScalarType.Double)).abs().max().item_double();
        double most = exact.abs().max().item_double();
        assertTrue(difference <= tolerance * (1 + most), name + ": " + difference + " of " + most + ", " + seedMessage());
    }

    private static void assertRefused(String start, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(start, message.substring(0, Math.min(start.length(), message.length())), message);
    }
}
