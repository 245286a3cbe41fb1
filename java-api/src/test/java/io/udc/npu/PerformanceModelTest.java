package io.udc.npu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Depthwise;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PerformanceModelTest {

    private static final PerformanceModel U55 = new PerformanceModel(NpuConfig.parse("ethos-u55-128"));

    private static NpuOperator convolution(Hwc input, int out, int kernel, int stride) {
        return NpuOperator.windowed(
                NpuOperator.Kind.CONVOLUTION, input, out, NpuOperator.Window.square(kernel, stride, true), false);
    }

    @Test
    void namesAndDefaults() {
        assertEquals(
                new NpuConfig(Accelerator.ETHOS_U55_128, SystemConfig.ETHOS_U55_HIGH_END_EMBEDDED,
                        MemoryMode.SHARED_SRAM),
                NpuConfig.parse("ethos-u55-128"));
        NpuConfig u65 = NpuConfig.parse("ethos-u65-512", null, "Dedicated_Sram_512KB");
        assertEquals(SystemConfig.ETHOS_U65_CLIENT_SERVER, u65.systemConfig());
        assertEquals(1e9, u65.systemConfig().clock());
        assertEquals(MemoryMode.DEDICATED_SRAM_512KB, u65.memoryMode());
        String message = assertThrows(InputException.class, () -> NpuConfig.parse("ethos-u55"))
                .getMessage();
        assertTrue(message.contains("ethos-u55-64"), message);
        assertThrows(InputException.class, () -> NpuConfig.parse("ethos-u55-64", "Fast", null));
        assertThrows(InputException.class, () -> NpuConfig.parse("ethos-u55-64", null, "Flash"));
    }

    /** The figures are derived by hand in the backend's own test. */
    @Test
    void smallFullyConnectedByHand() {
        LayerEstimate estimate =
                U55.estimate(NpuOperator.fullyConnected(16, 4, false), EncodedSizes.total(112));
        assertEquals(new LayerCycles(62, 6, 0, 0, 112, 112), estimate.cycles());
        assertEquals(LayerEstimate.Resource.OFFCHIP_FLASH, estimate.rulingResource());
        assertEquals(List.of(0, 4), estimate.depthSlices());
        assertEquals(64, estimate.macs());
    }

    @Test
    void encodersAreAskedForSlices() {
        List<EncodedSizes.Range> asked = new ArrayList<>();
        NpuOperator operator = convolution(new Hwc(14, 14, 64), 128, 3, 1);
        LayerEstimate estimate = U55.estimate(operator, new EncodedSizes.Encoded((depth, begin, end) -> {
            long bytes = (end - begin) * 592L;
            asked.add(new EncodedSizes.Range(begin, end, bytes));
            return bytes;
        }));
        assertEquals(new EncodedSizes.Range(0, 128, 128 * 592L), asked.get(0));
        assertTrue(estimate.depthSlices().size() > 2);
        assertEquals(LayerEstimate.Buffering.DOUBLE, estimate.buffering());
        assertEquals(128 * 592L, estimate.encodedBytes());
        EncodedSizes given = new EncodedSizes.Given(128 * 592L, asked);
        assertEquals(estimate, U55.estimate(operator, given));
    }

    @Test
    void exceptionsOfEncodersComeThrough() {
        IllegalStateException thrown = new IllegalStateException("broken");
        EncodedSizes broken = new EncodedSizes.Encoded((depth, begin, end) -> {
            throw thrown;
        });
        NpuOperator operator = convolution(new Hwc(4, 4, 8), 8, 1, 1);
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> U55.estimate(operator, broken)));
    }

    @Test
    void refusesWhatTheModelDoesNotCover() {
        NpuOperator strided = convolution(new Hwc(9, 9, 16), 16, 3, 5);
        String message = assertThrows(
                        InputException.class, () -> U55.estimate(strided, EncodedSizes.total(2304)))
                .getMessage();
        assertTrue(message.contains("conv"), message);
        assertThrows(
                InputException.class,
                () -> U55.estimate(NpuOperator.fullyConnected(16, 4, false), EncodedSizes.NONE));
    }

    @ParameterizedTest
    @EnumSource(Accelerator.class)
    void networksOfArchitectures(Accelerator accelerator) {
        Compression c = COMPRESSION;
        Architecture network = new Architecture(
                "residual",
                new Shape(3, 32, 32),
                List.of(
                        new Convolution("stem", Architecture.INPUT, 16, 3, 2, Activation.RELU, c),
                        new Depthwise("dw", "stem", 3, 1, Activation.RELU, c),
                        new Convolution("pw", "dw", 16, 1, 1, Activation.NONE, c),
                        new Add("sum", "pw", "stem", Activation.RELU),
                        new GlobalAveragePool("pool", "sum"),
                        new Dense("classes", "pool", 10, Activation.NONE, c)));
        PerformanceModel model = new PerformanceModel(NpuConfig.of(accelerator));
        NetworkEstimate estimate = model.estimate(
                network, node -> EncodedSizes.total(network.weightShape(node).count() / 16 * 16 + 320));
        assertEquals(6, estimate.operators().size());
        assertEquals(
                estimate.cycles().total(),
                estimate.operators().stream().mapToDouble(row -> row.cycles().total()).sum(),
                1e-6);
        assertEquals(
                estimate.cycles().total() / model.config().systemConfig().clock() * 1e3,
                estimate.milliseconds(),
                1e-12);
        assertTrue(estimate.peakSramBytes() >= 3 * 4096);
        assertEquals(0, estimate.spilledTensors());
    }

    @Test
    void everyOperatorOfALongNetworkIsAskedForItsSize() {
        List<Node> nodes = new ArrayList<>();
        String input = Architecture.INPUT;
        for (int i = 0; i < 20; i++) {
            nodes.add(new Convolution("c" + i, input, 16, 1, 1, Activation.RELU, COMPRESSION));
            input = "c" + i;
        }
        Set<String> asked = new HashSet<>();
        U55.estimate(new Architecture("long", new Shape(16, 8, 8), nodes),
                node -> new EncodedSizes.Encoded((depth, begin, end) -> {
                    asked.add(node.name());
                    return 320;
                }));
        assertEquals(nodes.size(), asked.size());
    }

    @Test
    void depthToSpaceIsNotFree() {
        Architecture network = new Architecture(
                "upscaler",
                new Shape(1, 8, 8),
                List.of(
                        new Convolution("conv", Architecture.INPUT, 4, 3, 1, Activation.NONE, COMPRESSION),
                        new DepthToSpace("up", "conv", 2)));
        LayerEstimate copy = U55.estimate(network, node -> EncodedSizes.total(128)).operators().get(1);
        assertTrue(copy.cycles().total() > 0 && copy.cycles().sram() > 0, copy.toString());
    }

    @Test
    void costTablesEqualEstimates() {
        NpuOperator operator = convolution(new Hwc(14, 14, 1), 1, 3, 1);
        int[] widths = {8, 24, 40};
        CostTable table = U55.costTable(operator, widths, widths, new double[] {8, 2});
        for (int i = 0; i < widths.length; i++) {
            for (int o = 0; o < widths.length; o++) {
                int cell = table.index(i, o, 1);
                int out = widths[o];
                LayerEstimate estimate = U55.estimate(
                        convolution(new Hwc(14, 14, widths[i]), out, 3, 1),
                        EncodedSizes.total(table.bytes()[cell]));
                if (estimate.depthSlices().size() == 2) {
                    assertEquals(estimate.cycles().total(), table.cycles()[cell]);
                }
                assertTrue(table.cycles()[cell] <= table.cycles()[table.index(i, o, 0)]);
            }
        }
    }

    @Test
    void foldedWeightsKeepTheirPlace() {
        NpuOperator stem = convolution(new Hwc(8, 8, 1), 1, 3, 2).asFirst();
        WeightLayout layout = U55.weightLayout(stem);
        assertEquals(2, layout.fold());
        assertEquals(2, layout.kernelWidth());
        assertEquals(0, layout.padLeft());
        assertEquals(1, layout.padRight());
        assertArrayEquals(
                new byte[] {1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0},
                layout.fold(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}));
    }

    private static final Compression COMPRESSION = new Compression(8, 0.0);
}
