package io.udc.integer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IntegerNetworkTest {

    @Test
    void randomNetworksGiveTheValuesOfPlainLoops() {
        int distinct = 0;
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            IntegerModel model = seed % 5 == 4 ? RandomModels.upscaler(random) : RandomModels.classifier(random);
            distinct += compare(model, random, "seed " + seed);
        }
        assertTrue(distinct > 1000, "the networks' outputs must vary: " + distinct);
    }

    @Test
    void layersBeyondTheExactRangeOfFloat32AreExact() {
        int channels = 900;
        byte[] weights = new byte[2 * channels * 9];
        Random random = new Random(7);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (byte) (100 + random.nextInt(28));
        }
        Convolution node =
                new Convolution("wide", Architecture.INPUT, 2, 3, 1, Activation.NONE, new Compression(8, 0));
        Requantization rescale = Requantization.of(1.9e-6);
        IntegerModel model = new IntegerModel(
                new Architecture("wide", new Shape(channels, 5, 5), List.of(node)),
                Map.of(Architecture.INPUT, new Quantization(1, -128), "wide", new Quantization(1, -128)),
                List.of(new IntegerLayer("wide", new WeightShape(2, channels, 3, 3), weights,
                        Collections.nCopies(2, new ChannelRecord(-12345, rescale)))));
        assertTrue(model.layers().get(0).accumulatorBound(-128) > 1 << 24);
        compare(model, random, "wide");
    }

    @Test
    void accumulatorsThatCouldOverflowAreRefused() {
        IntegerModel good = RandomModels.upscaler(new Random(1));
        IntegerLayer layer = good.layers().get(0);
        IntegerLayer bad = new IntegerLayer(layer.node(), layer.shape(), layer.weights(),
                Collections.nCopies(8, new ChannelRecord(Integer.MAX_VALUE, Requantization.of(0.1))));
        Exception e = assertThrows(IllegalArgumentException.class, () ->
                new IntegerModel(good.architecture(), good.quantization(), List.of(bad, good.layers().get(1))));
        assertTrue(e.getMessage().startsWith("layers.head: accumulators up to"), e.getMessage());
    }

    @Test
    void requantizationIsTfliteMultiplyByQuantizedMultiplier() {
        Random random = new Random(3);
        for (int i = 0; i < 1_000_000; i++) {
            double factor = Math.scalb(0.5 + random.nextDouble() / 2, random.nextInt(40) - 38);
            Requantization rescale = Requantization.of(factor);
            int value = random.nextInt() >> (2 + random.nextInt(28));
            assertEquals(ScalarNetwork.multiply(value, factor), rescale.apply(value, Rounding.TFLITE_REFERENCE),
                    () -> value + " * " + factor);
        }
    }

    @Test
    void requantizationOfBorderFactors() {
        assertEquals(new Requantization(0, 31), Requantization.of(0));
        assertEquals(new Requantization(1L << 30, 31), Requantization.of(0.5));
        assertEquals(new Requantization(1L << 31, 31), Requantization.of(Math.nextDown(1.0)));
        assertEquals(7, Requantization.of(Math.nextDown(1.0)).apply(7, Rounding.TFLITE_REFERENCE));
        assertEquals(new Requantization(0, 16), Requantization.of(1e-12));
        assertEquals(new Requantization(0, 16), Requantization.of(1e12));
        assertEquals(-2, Rounding.TFLITE_REFERENCE.shiftRight(-3, 1));
        assertEquals(-1, Rounding.HALF_UP.shiftRight(-3, 1));
    }

    private static int compare(IntegerModel model, Random random, String what) {
        int pictures = 3;
        int size = (int) model.architecture().input().elements();
        byte[] pixels = new byte[pictures * size];
        random.nextBytes(pixels);
        int[] expected = IntStream.range(0, pictures)
                .flatMap(i -> IntStream.of(
                        new ScalarNetwork(model).run(Arrays.copyOfRange(pixels, i * size, (i + 1) * size))))
                .toArray();
        try (IntegerNetwork network = new IntegerNetwork(model)) {
            byte[] found = network.run(pixels, pictures);
            assertArrayEquals(expected, IntStream.range(0, found.length).map(i -> found[i]).toArray(), what);
        }
        return (int) IntStream.of(expected).distinct().count();
    }
}
