package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class SupernetGradientTest {

    private final SpaceGraph graph = TinySpaces.everyKind();
    private final SplittableRandom random = new SplittableRandom(11);

    @Test
    void probabilityGradientsAgreeWithFiniteDifferencesForEveryKindOfDecision() {
        try (StepScope scope = StepScope.open();
                Supernet supernet = new Supernet(graph, 3, Device.CPU)) {
            Tensor images = images(24);
            Tensor target = Tensor.create(LongStream.range(0, 24).map(i -> i % 3).toArray());
            double[][] p = randomProbabilities();
            Tensor leaf = tensor(p);
            leaf.set_requires_grad(true);
            torch.cross_entropy_loss(supernet.forward(images, leaf), target).backward();
            supernet.backward(leaf);
            float[] gradient = new float[p.length * p[0].length];
            new FloatPointer(leaf.grad().contiguous().data_ptr()).get(gradient);

            double step = 3e-4; // small against the distance to the next kink of a ReLU
            for (Decision decision : graph.decisions()) {
                for (int option = 0; option < decision.options(); option++) {
                    double numeric = (loss(supernet, images, target, p, decision, option, step)
                                    - loss(supernet, images, target, p, decision, option, -step))
                            / (2 * step);
                    double analytic = gradient[decision.index() * p[0].length + option];
                    assertEquals(numeric, analytic, 1e-3 + 0.03 * Math.abs(numeric),
                            decision.name() + " option " + option);
                }
            }
        }
    }

    @Test
    void aStepDownTheWeightGradientLowersTheLoss() {
        try (StepScope scope = StepScope.open();
                Supernet supernet = new Supernet(graph, 5, Device.CPU)) {
            Tensor images = images(12);
            Tensor target = Tensor.create(new long[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
            Tensor p = tensor(randomProbabilities());
            Tensor before = torch.cross_entropy_loss(supernet.forward(images, p), target);
            before.backward();
            supernet.backward(p);
            SupernetParameters parameters = supernet.parameters();
            // Far enough to change quantized values.
            parameters.weights().sub_(parameters.weightGradients().mul(new Scalar(20f)));
            Tensor after = torch.cross_entropy_loss(supernet.forward(images, p), target);
            assertTrue(after.item_double() < before.item_double(),
                    before.item_double() + " -> " + after.item_double());
        }
    }

    private double loss(
            Supernet supernet, Tensor images, Tensor target, double[][] p, Decision decision, int option, double by) {
        double[][] moved = new double[p.length][];
        for (int i = 0; i < p.length; i++) {
            moved[i] = p[i].clone();
        }
        moved[decision.index()][option] += by;
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            return torch.cross_entropy_loss(supernet.forward(images, tensor(moved)), target).item_double();
        }
    }

    private Tensor images(int count) {
        float[] pixels = new float[count * 3 * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return Tensor.create(pixels, count, 3, 8, 8);
    }

    private double[][] randomProbabilities() {
        int options = graph.decisions().stream().mapToInt(Decision::options).max().orElseThrow();
        double[][] p = new double[graph.decisions().size()][options];
        for (Decision decision : graph.decisions()) {
            double sum = 0;
            for (int option = 0; option < decision.options(); option++) {
                p[decision.index()][option] = 0.3 + random.nextDouble();
                sum += p[decision.index()][option];
            }
            for (int option = 0; option < decision.options(); option++) {
                p[decision.index()][option] /= sum;
            }
        }
        return p;
    }

    private static Tensor tensor(double[][] p) {
        int options = p[0].length;
        float[] flat = new float[p.length * options];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) p[i / options][i % options];
        }
        return Tensor.create(flat, p.length, options);
    }
}
