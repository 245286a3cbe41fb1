package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Shape;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.Quantization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IntegerConversionTest {

    private static final float BETA = 0.75f;
    private static final Quantization INPUT = new Quantization(0.02f, 0);
    private static final Quantization OUTPUT = new Quantization(0.05f, -128);

    private final Architecture architecture = new Architecture("one layer", new Shape(2, 1, 1), List.of(
            new Convolution("a", Architecture.INPUT, 3, 1, 1, Activation.RELU, new Compression(2, 0.5))));

    /** Its variance is 0, so batch norm's gain is huge, and its bias nothing in accumulator units. */
    @Test
    void aChannelWithoutWeightsIsItsShift() {
        IntegerLayer layer = convert(new float[] {1, 0, 0.5f}, new byte[] {1, 1, 0, 0, 1, 1});
        assertEquals(BETA, constant(layer, 1), OUTPUT.scale() / 2);
        assertNotEquals(0, layer.weights()[0]);
        assertNotEquals(0, layer.weights()[4]);
    }

    @Test
    void aChannelWhoseInputNeverMovesIsItsShiftAndHasNoWeights() {
        IntegerLayer layer = convert(new float[] {1, 0.5f, 1e-9f}, new byte[] {1, 1, 1, 1, 1, 1});
        assertEquals(BETA, constant(layer, 2), OUTPUT.scale() / 2);
        assertEquals(0, layer.weights()[4]);
        assertEquals(0, layer.weights()[5]);
    }

    @Test
    void sumsThatDoNotFit32BitsAreOneClearError() {
        Shape wide = new Shape(1 << 18, 1, 1);
        Architecture network = new Architecture("wide", wide, List.of(
                new Convolution("a", Architecture.INPUT, 1, 1, 1, Activation.RELU, new Compression(8, 0))));
        float[] weights = new float[wide.channels()];
        byte[] masks = new byte[wide.channels()];
        Arrays.fill(weights, 127);
        Arrays.fill(masks, (byte) 1);
        NetworkParameters parameters = NetworkParameters.of(network, Map.of(
                "a.weight", weights, "a.gamma", new float[] {1}, "a.beta", new float[] {0},
                "a.mean", new float[] {0}, "a.variance", new float[] {1}, "a.step", new float[] {1}));
        String message = assertThrows(InputException.class, () -> IntegerConversion.convert(
                network, parameters, masks, Map.of(Architecture.INPUT, INPUT, "a", OUTPUT))).getMessage();
        assertTrue(message.startsWith("network 'wide' has no integer form: layers.a: accumulators up to "), message);
        assertTrue(message.contains("do not fit 32 bits"), message);
    }

    private IntegerLayer convert(float[] variance, byte[] masks) {
        NetworkParameters parameters = NetworkParameters.of(architecture, Map.of(
                "a.weight", new float[] {1, -1, 1, 1, -1, 1},
                "a.gamma", new float[] {1, 1, 1},
                "a.beta", new float[] {BETA, BETA, BETA},
                "a.mean", new float[] {0, 0, 0.3f},
                "a.variance", variance,
                "a.step", new float[] {1, 1, 1}));
        return IntegerConversion.convert(
                        architecture, parameters, masks, Map.of(Architecture.INPUT, INPUT, "a", OUTPUT))
                .layers()
                .get(0);
    }

    /** What a channel gives where its weights contribute nothing, as a real value. */
    private static double constant(IntegerLayer layer, int channel) {
        ChannelRecord record = layer.channels().get(channel);
        return record.bias() * record.rescale().factor() * OUTPUT.scale();
    }
}
