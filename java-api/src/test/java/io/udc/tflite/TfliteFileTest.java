package io.udc.tflite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.integer.IntegerModel;
import io.udc.integer.RandomModels;
import io.udc.npu.EncodedSizes;
import io.udc.npu.NetworkOperator;
import io.udc.npu.NpuConfig;
import io.udc.npu.NpuOperator;
import io.udc.npu.PerformanceModel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TfliteFileTest {

    private static final PerformanceModel U55 = new PerformanceModel(NpuConfig.parse("ethos-u55-128"));

    @Test
    void anExportedNetworkIsReadBack() {
        IntegerModel model = RandomModels.classifier(new Random(3));
        TfliteNetwork network = TfliteFile.parse(TfliteExport.of(model).bytes(), "x");
        assertEquals("classifier", network.name());
        assertEquals(
                List.of("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D", "ADD", "CONV_2D", "AVERAGE_POOL_2D", "CONV_2D",
                        "RESHAPE"),
                network.operators().stream().map(TfliteOperator::kind).toList());
        TfliteTensor image = network.tensors().get(network.inputs().get(0));
        Shape input = model.architecture().input();
        assertEquals(List.of(1, input.height(), input.width(), input.channels()), image.shape());
        assertEquals(model.quantization().get("image").scale(), image.scales().get(0));
        assertEquals(List.of(1, 4), network.tensors().get(network.outputs().get(0)).shape());
        TfliteTensor weights = network.tensors().get(network.operators().get(6).inputs().get(1));
        byte[] data = new byte[weights.data().remaining()];
        weights.data().duplicate().get(data);
        assertArrayEquals(model.layers().get(4).weights(), data);
    }

    @Test
    void operatorsAreRewrittenAsVelaDoes() {
        NpuNetwork network = TfliteOperators.of(TfliteFile.parse(SampleFiles.mixed(), "x"), U55);
        assertEquals(List.of(new NpuNetwork.Uncovered(7, "CONCATENATION", "the latency model does not know it")),
                network.uncovered());
        List<NetworkOperator> operators = network.operators();
        assertEquals(List.of("conv", "conv2", "pooled", "moved", "mean_sum", "mean", "dense", "classes_maxpool0"),
                names(operators).subList(0, 8));
        assertEquals(7 + 31, operators.size());
        NpuOperator padded = operators.get(0).operator();
        assertEquals(9, padded.input().height());
        assertEquals(9, padded.traits().output().height());
        assertTrue(padded.relu(), "the ReLU is fused");
        assertTrue(operators.get(3).operator().traits().scalar());
        assertEquals(256, operators.get(3).operator().traits().tableBytes());
        assertEquals(NpuOperator.Kind.DEPTHWISE, operators.get(4).operator().kind());
        assertEquals("classes_shr30", names(operators).get(37));
        assertTrue(U55.estimate(operators).cycles().total() > 0);

        PerformanceModel small = new PerformanceModel(NpuConfig.parse("ethos-u55-64"));
        List<NetworkOperator> unfused = TfliteOperators.of(
                TfliteFile.parse(SampleFiles.mixed(), "x"), small).operators();
        assertEquals(List.of("moved", "bent"), names(unfused).subList(3, 5));
        assertTrue(small.estimate(unfused).cycles().total() > 0);
    }

    @Test
    void filesThatMakeNoSenseAreNamed() {
        byte[] good = SampleFiles.mixed();
        assertFails("found no 'TFL3'", new byte[3]);
        assertFails("found no 'TFL3'", Arrays.copyOf(new byte[] {8, 0, 0, 0, 'T', 'F', 'L', '2'}, 100));
        assertFails("found an offset that leaves the file", Arrays.copyOf(good, good.length / 2));
        byte[] root = good.clone();
        root[3] = 0x7F;
        assertFails("found an offset that leaves the file", root);
    }

    /** Every change of a file ends in a network or in one line, whatever it does to counts, offsets and shapes. */
    @Test
    void changedFilesAreReadOrRefused() {
        byte[][] originals = {
            SampleFiles.mixed(),
            TfliteExport.of(RandomModels.classifier(new Random(1))).bytes(),
            TfliteExport.of(RandomModels.upscaler(new Random(2))).bytes()
        };
        Random random = new Random(20_261_122);
        int read = 0;
        int estimated = 0;
        for (int i = 0; i < 21_000; i++) {
            byte[] changed = TfliteMutator.mutate(originals[i % originals.length], random);
            try {
                TfliteNetwork network = TfliteFile.parse(changed, "changed");
                read++;
                NpuNetwork translated = i % 16 == 0
                        ? TfliteOperators.of(network, U55)
                        : TfliteOperators.of(
                                network, U55, (name, operator, weights) -> EncodedSizes.total(weights.length));
                if (!translated.operators().isEmpty()) {
                    U55.estimate(translated.operators());
                    estimated++;
                }
            } catch (InputException e) {
                assertTrue(e.getMessage().lines().count() == 1, e.getMessage());
            }
        }
        assertTrue(read > 5_000 && read < 20_500, "read " + read);
        assertTrue(estimated > 3_000, "estimated " + estimated);
    }

    private static List<String> names(List<NetworkOperator> operators) {
        return operators.stream().map(NetworkOperator::name).toList();
    }

    private static void assertFails(String message, byte[] content) {
        String found = assertThrows(InputException.class, () -> TfliteFile.parse(content, "x.tflite")).getMessage();
        assertTrue(found.startsWith("x.tflite: ") && found.contains(message), found);
    }
}
