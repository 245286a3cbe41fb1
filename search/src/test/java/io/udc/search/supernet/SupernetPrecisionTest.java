package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** bfloat16 changes by how much the supernet's figures are rounded, and nothing else. */
class SupernetPrecisionTest {

    private static final int PICTURES = 24;

    /** Logits, and the gradients of the weights and of the probabilities. */
    private record Pass(float[] logits, float[] weightGradients, float[] probabilityGradients) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPassInBfloat16StaysCloseToOneInFloat32(boolean upscaler) {
        SpaceGraph graph = upscaler ? TinySpaces.upscaler() : TinySpaces.everyKind();
        Pass exact = pass(graph, Precision.FLOAT32);
        Pass rounded = pass(graph, Precision.BFLOAT16);
        assertClose(exact.logits(), rounded.logits(), "logits");
        assertClose(exact.weightGradients(), rounded.weightGradients(), "gradients of the weights");
        assertClose(exact.probabilityGradients(), rounded.probabilityGradients(), "gradients of the probabilities");
    }

    @Test
    void aPassInFloat32IsRepeatedBitForBit() {
        SpaceGraph graph = TinySpaces.everyKind();
        assertTrue(Arrays.equals(pass(graph, Precision.FLOAT32).logits(), pass(graph, Precision.FLOAT32).logits()));
    }

    /** The same direction within a few degrees, and yet not the same numbers. */
    private static void assertClose(float[] exact, float[] rounded, String what) {
        double product = 0;
        double exactSquares = 0;
        double roundedSquares = 0;
        for (int i = 0; i < exact.length; i++) {
            product += (double) exact[i] * rounded[i];
            exactSquares += (double) exact[i] * exact[i];
            roundedSquares += (double) rounded[i] * rounded[i];
        }
        assertEquals(1, product / Math.sqrt(exactSquares * roundedSquares), 0.005, what + ": cosine");
        assertEquals(1, roundedSquares / exactSquares, 0.05, what + ": energy");
        assertTrue(!Arrays.equals(exact, rounded), what + " are float32");
    }

    private static Pass pass(SpaceGraph graph, Precision precision) {
        try (StepScope scope = StepScope.open();
                Supernet supernet = new Supernet(graph, 3, Device.CPU, precision)) {
            Tensor p = probabilities(graph);
            p.set_requires_grad(true);
            Tensor logits = supernet.forward(images(graph), p);
            logits.square().mean().backward();
            supernet.backward(p);
            return new Pass(values(logits), values(supernet.parameters().weightGradients()), values(p.grad()));
        }
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.detach().contiguous().data_ptr_float()).get(values);
        return values;
    }

    private static Tensor images(SpaceGraph graph) {
        SplittableRandom random = new SplittableRandom(11);
        int channels = graph.stem().in().largest();
        float[] pixels = new float[PICTURES * channels * 8 * 8];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return Tensor.create(pixels, PICTURES, channels, 8, 8);
    }

    private static Tensor probabilities(SpaceGraph graph) {
        int options = graph.decisions().stream().mapToInt(Decision::options).max().orElseThrow();
        float[] table = new float[graph.decisions().size() * options];
        for (Decision decision : graph.decisions()) {
            int row = decision.index() * options;
            Arrays.fill(table, row, row + decision.options(), 1f / decision.options());
        }
        return Tensor.create(table, graph.decisions().size(), options);
    }
}
