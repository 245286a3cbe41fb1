package io.udc.kernels;

import io.udc.kernels.KernelReference.Quantized;
import io.udc.kernels.KernelReference.Sum;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationQuantizerTest extends KernelTest {

    private record Outputs(Tensor output, Tensor inputGradient, Tensor stepGradient) {}

    @ParameterizedTest
    @EnumSource
    void agreesWithTheFormulas(Implementation implementation) {
        use(implementation);
        for (int count : new int[] {1, 9, 1023, 70001}) {
            check(normals(count, 1), 0.013f, -128 + random.nextInt(256));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isDefinedForZerosDenormalsAndValuesThatAreNotFinite(Implementation implementation) {
        use(implementation);
        float[] input = normals(50, 1);
        input[0] = 0;
        input[1] = -0.0f;
        input[2] = Float.MIN_VALUE;
        input[3] = Float.POSITIVE_INFINITY;
        input[4] = Float.NEGATIVE_INFINITY;
        input[5] = -Float.MAX_VALUE;
        check(input, 0.02f, -11);
        check(input, 0, 3);
        input[6] = Float.NaN;
        check(input, 0.02f, 0);
    }

    @ParameterizedTest
    @EnumSource
    void readsMapsThatAreChannelsLast(Implementation implementation) {
        use(implementation);
        float[] values = normals(2 * 3 * 5 * 7, 1);
        Tensor input = place(values, 2, 3, 5, 7).contiguous(torch.MemoryFormat.ChannelsLast);
        Tensor output = torch.empty_like(input);
        new ActivationQuantizer(5, -128, 127).forward(input, output, place(new float[] {0.02f}, 1));
        Sum[] expected = Sum.array(values.length);
        for (int i = 0; i < values.length; i++) {
            expected[i].add(KernelReference.quantize(values[i], 0.02f, -133, 122).value());
        }
        assertNear(expected, output, "output");
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameBitsTwice(Implementation implementation) {
        use(implementation);
        float[] input = normals(100_003, 1);
        float[] gradient = normals(100_003, 1);
        Outputs first = run(input, gradient, 0.01f, 0);
        Outputs second = run(input, gradient, 0.01f, 0);
        assertSameBits(read(first.output), read(second.output), "output");
        assertSameBits(read(first.stepGradient), read(second.stepGradient), "step gradient");
    }

    private void check(float[] input, float step, int zeroPoint) {
        float[] gradient = normals(input.length, 1);
        Outputs actual = run(input, gradient, step, zeroPoint);
        Sum[] outputs = Sum.array(input.length);
        Sum[] inputs = Sum.array(input.length);
        Sum[] sum = Sum.array(1);
        for (int i = 0; i < input.length; i++) {
            Quantized q = KernelReference.quantize(input[i], step, -128 - zeroPoint, 127 - zeroPoint);
            outputs[i].add(q.value());
            inputs[i].add(Float.isNaN(input[i]) ? Double.NaN : q.inside() ? gradient[i] : 0);
            sum[0].add(gradient[i] * q.slope());
        }
        assertNear(outputs, actual.output, "output");
        assertNear(inputs, actual.inputGradient, "input gradient");
        assertNear(sum, actual.stepGradient, "step gradient");
    }

    /** Both directions. */
    private Outputs run(float[] input, float[] gradient, float step, int zeroPoint) {
        long count = input.length;
        Tensor values = place(input, count);
        Tensor steps = place(new float[] {step}, 1);
        Outputs out = new Outputs(zeros(count), zeros(count), zeros(1));
        ActivationQuantizer quantizer = new ActivationQuantizer(zeroPoint, -128, 127);
        quantizer.forward(values, out.output, steps);
        quantizer.backward(values, place(gradient, count), steps, out.inputGradient, out.stepGradient);
        return out;
    }
}
