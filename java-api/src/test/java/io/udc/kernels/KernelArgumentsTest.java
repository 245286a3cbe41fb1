package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.memory.StepScope;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Tensors that do not fit are refused before their addresses are used. */
class KernelArgumentsTest {

    private StepScope scope;

    @BeforeEach
    void open() {
        scope = StepScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static Tensor floats(long... shape) {
        return torch.zeros(shape);
    }

    private static WeightQuantizer.Layer layer(Tensor weights, Tensor steps, Tensor quantized) {
        return new WeightQuantizer.Layer(weights, steps, null, quantized, floats(4, 6), null, 4);
    }

    @Test
    void shapesAreNamedBoth() {
        refused("layers[0].steps: found Float[5] on cpu, expected Float[4] on cpu",
                () -> new WeightQuantizer(List.of(layer(floats(4, 6), floats(5), floats(4, 6)))));
        refused("layers[0].quantized: found Float[4, 7] on cpu, expected Float[4, 6] on cpu",
                () -> new WeightQuantizer(List.of(layer(floats(4, 6), floats(4), floats(4, 7)))));
        refused("layers[0].steps: found Float[4, 2] on cpu, expected Float[4, 3] on cpu",
                () -> new WeightMixer(List.of(new WeightMixer.Layer(
                        floats(4, 6), floats(4, 6), floats(4, 6), floats(4, 2), null, null)),
                        new int[] {2, 4, 8}, new double[] {0}, false));
        refused("output: found Float[3] on cpu, expected Float[4] on cpu",
                () -> new ActivationQuantizer(0, -128, 127).forward(floats(4), floats(3), floats(1)));
        refused("layers[0].mask: found Byte[5] on cpu, expected Byte[6] on cpu",
                () -> new MagnitudePruner(List.of(
                        new MagnitudePruner.Layer(floats(6), floats(5).to(ScalarType.Byte)))));
    }

    @Test
    void typesAreNamedBoth() {
        refused("weights[0]: found Double[4, 6] on cpu, expected Float[4, 6] on cpu",
                () -> new ChannelNormalizer(List.of(floats(4, 6).to(ScalarType.Double))));
        refused("step: found Long[1] on cpu, expected Float[1] on cpu",
                () -> new ActivationQuantizer(0, -128, 127)
                        .forward(floats(4), floats(4), floats(1).to(ScalarType.Long)));
    }

    @Test
    void layoutsAreNamedBoth() {
        refused("layers[0].weights: found Float[4, 6] on cpu with strides [1, 4], expected a contiguous one",
                () -> new WeightQuantizer(List.of(layer(floats(6, 4).t(), floats(4), floats(4, 6)))));
        Tensor channelsLast = floats(1, 2, 3, 3).contiguous(torch.MemoryFormat.ChannelsLast);
        refused("output: found Float[1, 2, 3, 3] on cpu with strides [18, 9, 3, 1], "
                        + "expected Float[1, 2, 3, 3] on cpu with strides [18, 1, 6, 2]",
                () -> new ActivationQuantizer(0, -128, 127).forward(channelsLast, floats(1, 2, 3, 3), floats(1)));
        refused("input: found Float[4, 3] on cpu with strides [6, 1], expected one without gaps",
                () -> new ActivationQuantizer(0, -128, 127)
                        .forward(floats(4, 6).narrow(1, 0, 3), floats(4, 3), floats(1)));
    }

    @Test
    void missingTensorsAndForeignDevicesAreRefused() {
        refused("layers[0].quantized: found no tensor, expected Float[4, 6]",
                () -> new WeightQuantizer(List.of(layer(floats(4, 6), floats(4), null))));
        Tensor elsewhere = floats(4, 6).to(new org.bytedeco.pytorch.Device("meta"), ScalarType.Float);
        refused("weights[0]: found Float[4, 6] on meta, expected Float[4, 6] on cpu or cuda",
                () -> new ChannelNormalizer(List.of(elsewhere)));
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        refused("zeroPoint: found 128, expected -128 to 127", () -> new ActivationQuantizer(128, -128, 127));
        refused("quantMin, quantMax: found 3 and 2, expected a range of at most 32768 int16 values",
                () -> new ActivationQuantizer(2, 3, 2));
        try (MagnitudePruner pruner = new MagnitudePruner(
                List.of(new MagnitudePruner.Layer(floats(6), floats(6).to(ScalarType.Byte))))) {
            refused("sparsities: found 2 values, expected 1", () -> pruner.updateMasks(new double[] {0, 1}));
            String message = assertThrows(
                            IllegalArgumentException.class, () -> pruner.updateMasks(new double[] {1.5}))
                    .getMessage();
            assertTrue(message.startsWith("layers[0]: "), message);
        }
        try (WeightQuantizer quantizer =
                new WeightQuantizer(List.of(layer(floats(4, 6), floats(4), floats(4, 6))))) {
            refused("gradients: found 0 tensors, expected 1", () -> quantizer.backward(List.of(), false));
            refused("gradients[0]: found Float[6, 4] on cpu, expected Float[4, 6] on cpu",
                    () -> quantizer.backward(List.of(floats(6, 4)), false));
        }
    }
}
