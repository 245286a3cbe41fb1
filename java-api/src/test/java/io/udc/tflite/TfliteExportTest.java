package io.udc.tflite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.Depthwise;
import io.udc.arch.DepthToSpace;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.Quantization;
import io.udc.integer.RandomModels;
import io.udc.integer.Requantization;
import io.udc.integer.Rounding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exported networks against TensorFlow Lite's interpreter, whose rounding is known on x86 only. */
class TfliteExportTest {

    private static final Compression BITS = new Compression(8, 0);
    private static final String IMAGE = Architecture.INPUT;

    @TempDir
    Path folder;

    @Test
    void randomNetworksGiveTensorFlowLitesValues() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            IntegerModel model = seed % 5 == 4 ? RandomModels.upscaler(random) : RandomModels.classifier(random);
            assertSameValues(model, random, "seed " + seed);
        }
    }

    @Test
    void everyOperatorByItselfGivesTensorFlowLitesValues() {
        List<List<Node>> networks = List.of(
                List.of(new Convolution("conv", IMAGE, 16, 1, 1, Activation.NONE, BITS)),
                List.of(new Convolution("conv", IMAGE, 16, 3, 1, Activation.RELU, BITS)),
                List.of(new Convolution("conv", IMAGE, 12, 5, 2, Activation.NONE, BITS)),
                List.of(new Convolution("conv", IMAGE, 7, 3, 3, Activation.NONE, BITS)),
                List.of(new Depthwise("dw", IMAGE, 3, 1, Activation.NONE, BITS)),
                List.of(new Depthwise("dw", IMAGE, 5, 2, Activation.RELU, BITS)),
                List.of(new Convolution("conv", IMAGE, 8, 1, 1, Activation.NONE, BITS),
                        new Add("sum", "conv", IMAGE, Activation.RELU)),
                List.of(new Convolution("conv", IMAGE, 1, 1, 1, Activation.NONE, BITS),
                        new Add("sum", IMAGE, "conv", Activation.NONE)),
                List.of(new GlobalAveragePool("pool", IMAGE)),
                List.of(new GlobalAveragePool("pool", IMAGE),
                        new Dense("dense", "pool", 100, Activation.NONE, BITS)),
                List.of(new DepthToSpace("shuffle", IMAGE, 2)));
        for (List<Node> nodes : networks) {
            for (int seed = 0; seed < 4; seed++) {
                Random random = new Random(seed);
                Architecture architecture = new Architecture("one", new Shape(8, 33, 30), nodes);
                assertSameValues(RandomModels.withRandomIntegers(architecture, random), random,
                        nodes + " seed " + seed);
            }
        }
    }

    @Test
    void theSameNetworkGivesTheSameBytes() {
        byte[] once = TfliteExport.of(RandomModels.classifier(new Random(5))).bytes();
        assertArrayEquals(once, TfliteExport.of(RandomModels.classifier(new Random(5))).bytes());
        assertEquals("TFL3", new String(once, 4, 4, java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Test
    void constantAndVanishingChannelsAreExact() {
        byte[] weights = {0, 0, 0, 50, -60, 70};
        IntegerModel model = pointwise(weights, List.of(
                new ChannelRecord(4711, Requantization.of(1.0 / 256)), new ChannelRecord(9, Requantization.of(0))));
        TfliteExport export = TfliteExport.of(model);
        assertEquals(0, export.deviatingChannels());
        assertSameValues(model, new Random(1), "constant");
    }

    /** Most 31-bit multipliers are those of no float32, and a few accumulators show it. */
    @Test
    void factorsThatNoFloatGivesAreCounted() {
        Random random = new Random(11);
        int deviating = 0;
        for (int i = 0; i < 40; i++) {
            byte[] weights = new byte[3];
            random.nextBytes(weights);
            IntegerModel model = pointwise(weights, List.of(
                    new ChannelRecord(random.nextInt(1000), Requantization.of(0.002 + 0.01 * random.nextDouble()))));
            TfliteExport export = TfliteExport.of(model);
            deviating += export.deviatingChannels();
            assertTrue(export.deviatingAccumulators() <= 2, "accumulators " + export.deviatingAccumulators());
            if (export.deviatingChannels() == 0) {
                assertSameValues(model, random, "factor " + i);
            }
        }
        assertTrue(deviating < 40, "channels " + deviating);
    }

    @Test
    void whatCannotBeWrittenIsNamed() {
        TfliteExport export = TfliteExport.of(RandomModels.upscaler(new Random(1)));
        String message = assertThrows(InputException.class, () -> export.write(folder.resolve("none/x.tflite")))
                .getMessage();
        assertTrue(message.contains("x.tflite: cannot be written (no such folder)"), message);
        IntegerModel tiny = pointwise(new byte[3], List.of(new ChannelRecord(0, Requantization.of(0x1p-31))), 1e-37f);
        message = assertThrows(IllegalArgumentException.class, () -> TfliteExport.of(tiny)).getMessage();
        assertTrue(message.startsWith("layers.conv: channel 0: found the filter scale"), message);
    }

    private static IntegerModel pointwise(byte[] weights, List<ChannelRecord> channels) {
        return pointwise(weights, channels, 0.5f);
    }

    private static IntegerModel pointwise(byte[] weights, List<ChannelRecord> channels, float outputScale) {
        int outputs = channels.size();
        byte[] levels = weights.clone();
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) Math.max(levels[i], -127);
        }
        Node node = new Convolution("conv", IMAGE, outputs, 1, 1, Activation.NONE, BITS);
        return new IntegerModel(
                new Architecture("pointwise", new Shape(3, 9, 9), List.of(node)),
                Map.of(IMAGE, new Quantization(0.7f, 3), "conv", new Quantization(outputScale, -5)),
                List.of(new IntegerLayer("conv", new WeightShape(outputs, 3, 1, 1), levels, channels)));
    }

    private void assertSameValues(IntegerModel model, Random random, String what) {
        assumeTrue(List.of("amd64", "x86_64").contains(System.getProperty("os.arch")), "rounding known on x86");
        Architecture architecture = model.architecture();
        int size = (int) architecture.input().elements();
        int pictures = size > 1000 ? 1 : 10;
        byte[] pixels = new byte[pictures * size];
        random.nextBytes(pixels);
        TfliteExport export = TfliteExport.of(model);
        assertEquals(0, export.deviatingChannels(), what);
        Path file = folder.resolve("model.tflite");
        export.write(file);
        List<byte[]> expected = new ArrayList<>();
        try (TfliteRunner runner = new TfliteRunner(
                file, architecture.input(), architecture.shapes().get(architecture.output().name()))) {
            for (int i = 0; i < pictures; i++) {
                expected.add(runner.run(Arrays.copyOfRange(pixels, i * size, (i + 1) * size)));
            }
        }
        try (IntegerNetwork network = new IntegerNetwork(model, Rounding::ofTfliteOnX86)) {
            byte[] found = network.run(pixels, pictures);
            int one = found.length / pictures;
            for (int i = 0; i < pictures; i++) {
                assertArrayEquals(expected.get(i), Arrays.copyOfRange(found, i * one, (i + 1) * one),
                        what + ", picture " + i);
            }
        }
    }
}
