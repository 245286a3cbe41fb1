package io.udc.kernels;

import io.udc.kernels.KernelReference.Quantized;
import io.udc.kernels.KernelReference.Sum;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightQuantizerTest extends KernelTest {

    /** One layer on the host. */
    private record Input(
            int channels, int perChannel, int bits, float[] weights, float[] steps, byte[] mask, float[] gradient) {}

    @ParameterizedTest
    @EnumSource
    void agreesWithTheFormulasOnOddShapes(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            check(List.of(input(shape[0], shape[1])), random.nextBoolean());
        }
    }

    @ParameterizedTest
    @EnumSource
    void quantizesAllLayersOfANetworkInOneCall(Implementation implementation) {
        use(implementation);
        List<Input> network = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            network.add(input(1 + random.nextInt(40), 1 + random.nextInt(40)));
        }
        check(network, true);
    }

    @ParameterizedTest
    @EnumSource
    void isDefinedForZerosDenormalsAndValuesThatAreNotFinite(Implementation implementation) {
        use(implementation);
        Input in = input(3, 50);
        in.weights[0] = 0;
        in.weights[1] = -0.0f;
        in.weights[2] = Float.MIN_VALUE;
        in.weights[60] = Float.POSITIVE_INFINITY;
        in.weights[61] = Float.NEGATIVE_INFINITY;
        in.weights[62] = Float.MAX_VALUE;
        in.steps[2] = 0;
        check(List.of(in), false);
        in.mask[70] = 1;
        in.weights[70] = Float.NaN;
        check(List.of(in), false);
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameBitsTwice(Implementation implementation) {
        use(implementation);
        List<Input> inputs = List.of(input(300, 301), input(2, 50000));
        List<WeightQuantizer.Layer> first = run(inputs, false);
        List<WeightQuantizer.Layer> second = run(inputs, false);
        for (int i = 0; i < inputs.size(); i++) {
            assertSameBits(read(first.get(i).quantized()), read(second.get(i).quantized()), "quantized");
            assertSameBits(read(first.get(i).stepGradient()), read(second.get(i).stepGradient()), "step gradient");
        }
    }

    private Input input(int channels, int perChannel) {
        int count = channels * perChannel;
        byte[] mask = new byte[count];
        for (int i = 0; i < count; i++) {
            mask[i] = (byte) (random.nextInt(3) == 0 ? 0 : 1);
        }
        return new Input(channels, perChannel, 2 + random.nextInt(7), normals(count, 0.1),
                uniforms(channels, 0.01, 0.1), mask, normals(count, 1));
    }

    private void check(List<Input> inputs, boolean straightThrough) {
        List<WeightQuantizer.Layer> layers = run(inputs, straightThrough);
        for (int layer = 0; layer < inputs.size(); layer++) {
            Input in = inputs.get(layer);
            int count = in.weights.length;
            Sum[] quantized = Sum.array(count);
            Sum[] weights = Sum.array(count);
            Sum[] steps = Sum.array(in.channels);
            for (int i = 0; i < count; i++) {
                int c = i / in.perChannel;
                Quantized q = KernelReference.quantize(in.weights[i], in.steps[c], in.bits);
                double kept = in.gradient[i] * in.mask[i];
                quantized[i].add(in.mask[i] * q.value());
                double through = straightThrough ? in.gradient[i] : kept;
                weights[i].add(Float.isNaN(in.weights[i]) ? Double.NaN : q.inside() ? through : 0);
                steps[c].add(kept * q.slope());
            }
            assertNear(quantized, layers.get(layer).quantized(), "quantized");
            assertNear(weights, layers.get(layer).weightGradient(), "weight gradient");
            assertNear(steps, layers.get(layer).stepGradient(), "step gradient");
        }
    }

    /** Both directions. */
    private List<WeightQuantizer.Layer> run(List<Input> inputs, boolean straightThrough) {
        List<WeightQuantizer.Layer> layers = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (Input in : inputs) {
            long[] shape = {in.channels, in.perChannel};
            Tensor mask = zeroBytes(shape);
            mask.copy_(Tensor.create(in.mask, shape).to(torch.ScalarType.Byte));
            layers.add(new WeightQuantizer.Layer(place(in.weights, shape), place(in.steps, in.channels), mask,
                    zeros(shape), zeros(shape), zeros(in.channels), in.bits));
            gradients.add(place(in.gradient, shape));
        }
        try (WeightQuantizer quantizer = new WeightQuantizer(layers)) {
            quantizer.forward();
            quantizer.backward(gradients, straightThrough);
        }
        return layers;
    }
}
