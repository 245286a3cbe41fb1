package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import io.udc.search.train.GraphCuts;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed outside libtorch's graph agrees with the graph. */
class SupernetOperatorsTest {

    private static final int PICTURES = 24;

    /** Logits, and the gradients of weights, of scales and shifts, and of probabilities. */
    private record Pass(float[] logits, float[] weights, float[] affine, float[] probabilities) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void kernelsAndLibtorchAgree(boolean upscaler) {
        SpaceGraph graph = upscaler ? TinySpaces.upscaler() : TinySpaces.everyKind();
        Pass byHand = pass(graph, new GraphCuts());
        Pass byLibtorch = pass(graph, new GraphCuts(false));
        assertClose(byLibtorch.logits(), byHand.logits(), "logits");
        assertClose(byLibtorch.weights(), byHand.weights(), "gradients of the weights");
        assertClose(byLibtorch.affine(), byHand.affine(), "gradients of scales and shifts");
        assertClose(byLibtorch.probabilities(), byHand.probabilities(), "gradients of the probabilities");
    }

    /** To a thousandth of the greatest value: a rectifier may see another side of zero. */
    private static void assertClose(float[] expected, float[] found, String what) {
        double most = 0;
        for (float value : expected) {
            most = Math.max(most, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-3 * most, what + " [" + i + "]");
        }
    }

    private static Pass pass(SpaceGraph graph, GraphCuts cuts) {
        try (StepScope scope = StepScope.open();
                Supernet supernet = new Supernet(graph, 3, Device.CPU, Precision.FLOAT32, cuts)) {
            SplittableRandom random = new SplittableRandom(12);
            Tensor p = probabilities(graph, random);
            p.set_requires_grad(true);
            Tensor logits = supernet.forward(images(graph, random), p);
            logits.square().mean().backward();
            supernet.backward(p);
            return new Pass(values(logits), values(supernet.parameters().weightGradients()),
                    values(supernet.parameters().affineGradients()), values(p.grad()));
        }
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.detach().contiguous().data_ptr_float()).get(values);
        return values;
    }

    private static Tensor images(SpaceGraph graph, SplittableRandom random) {
        int channels = graph.stem().in().largest();
        float[] pixels = new float[PICTURES * channels * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return Tensor.create(pixels, PICTURES, channels, 8, 8);
    }

    private static Tensor probabilities(SpaceGraph graph, SplittableRandom random) {
        int options = graph.decisions().stream().mapToInt(Decision::options).max().orElseThrow();
        float[] table = new float[graph.decisions().size() * options];
        for (Decision decision : graph.decisions()) {
            double sum = 0;
            double[] row = new double[decision.options()];
            for (int option = 0; option < row.length; option++) {
                row[option] = 0.3 + random.nextDouble();
                sum += row[option];
            }
            for (int option = 0; option < row.length; option++) {
                table[decision.index() * options + option] = (float) (row[option] / sum);
            }
        }
        return Tensor.create(table, graph.decisions().size(), options);
    }
}
