package io.udc.kernels;

import io.udc.kernels.KernelReference.MixInput;
import io.udc.kernels.KernelReference.MixOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightMixerTest extends KernelTest {

    private static final int[] BITS = {2, 3, 4, 5, 6, 8};
    private static final double[] SPARSITIES = {0, 0.5, 0.75, 0.875, 0.94};

    /** The outputs of one layer, in the order of {@link MixOutput}. */
    private record Outputs(Tensor mixed, Tensor weights, Tensor bits, Tensor sparsities, Tensor mask) {

        List<Tensor> all() {
            return List.of(mixed, weights, bits, sparsities, mask);
        }
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheFormulasOnOddShapes(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            check(List.of(input(shape[0], shape[1], random.nextBoolean())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void mixesAllLayersOfANetworkInOneCall(Implementation implementation) {
        use(implementation);
        List<MixInput> network = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            network.add(input(1 + random.nextInt(40), 1 + random.nextInt(40), true));
        }
        check(network);
    }

    @ParameterizedTest
    @EnumSource
    void mixesOneOptionAndAsManyAsThereMayBe(Implementation implementation) {
        use(implementation);
        check(List.of(input(9, 50, new int[] {4}, new double[] {0.5}, false)));
        int[] bits = {2, 3, 4, 5, 6, 7, 8, 16};
        double[] sparsities = {0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1};
        check(List.of(input(9, 50, bits, sparsities, false)));
    }

    @ParameterizedTest
    @EnumSource
    void isDefinedForZerosDenormalsTiesAndValuesThatAreNotFinite(Implementation implementation) {
        use(implementation);
        MixInput in = input(4, 41, false);
        float[] weights = in.weights();
        Arrays.fill(weights, 100, 130, 0.125f);
        Arrays.fill(weights, 110, 120, -0.125f);
        weights[0] = 0;
        weights[1] = -0.0f;
        weights[2] = Float.MIN_VALUE;
        weights[44] = Float.POSITIVE_INFINITY;
        weights[45] = Float.NEGATIVE_INFINITY;
        weights[46] = Float.MAX_VALUE;
        in.steps()[7] = 0;
        check(List.of(in));
        weights[90] = Float.NaN;
        check(List.of(in));
        Arrays.fill(weights, 0);
        check(List.of(in));
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextGaussian() * 0x1p-140);
        }
        check(List.of(in));
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameBitsTwice(Implementation implementation) {
        use(implementation);
        List<MixInput> inputs = List.of(input(257, 301, false), input(3, 40000, false));
        List<Outputs> first = run(inputs);
        List<Outputs> second = run(inputs);
        for (int layer = 0; layer < inputs.size(); layer++) {
            for (int i = 0; i < first.get(layer).all().size(); i++) {
                assertSameBits(
                        read(first.get(layer).all().get(i)), read(second.get(layer).all().get(i)), "output " + i);
            }
        }
    }

    private MixInput input(int channels, int perChannel, boolean straightThrough) {
        return input(channels, perChannel, BITS, SPARSITIES, straightThrough);
    }

    private MixInput input(
            int channels, int perChannel, int[] bits, double[] sparsities, boolean straightThrough) {
        int count = channels * perChannel;
        float[] steps = uniforms(channels * bits.length, 0.5, 2);
        for (int i = 0; i < steps.length; i++) {
            steps[i] *= 0.2f / ((1 << (bits[i % bits.length] - 1)) - 1);
        }
        return new MixInput(channels, perChannel, bits, sparsities, normals(count, 0.1), steps,
                uniforms(bits.length, 0, 1), uniforms(sparsities.length, 0, 1), uniforms(perChannel, -0.2, 1),
                normals(count, 1), straightThrough);
    }

    private void check(List<MixInput> inputs) {
        List<Outputs> outputs = run(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            MixOutput expected = KernelReference.mix(inputs.get(i));
            Outputs actual = outputs.get(i);
            assertNear(expected.mixed(), actual.mixed, "mixed");
            assertNear(expected.weights(), actual.weights, "weight gradient");
            assertNear(expected.bits(), actual.bits, "bit gradient");
            assertNear(expected.sparsities(), actual.sparsities, "sparsity gradient");
            assertNear(expected.mask(), actual.mask, "mask gradient");
        }
    }

    /** Both directions over layers that share their options. */
    private List<Outputs> run(List<MixInput> inputs) {
        List<WeightMixer.Layer> layers = new ArrayList<>();
        List<Tensor> gradients = new ArrayList<>();
        for (MixInput in : inputs) {
            long[] shape = {in.channels(), in.perChannel()};
            layers.add(new WeightMixer.Layer(place(in.weights(), shape), zeros(shape), zeros(shape),
                    place(in.steps(), in.channels(), in.bitWidths().length), place(in.mask(), in.perChannel()),
                    zeros(in.perChannel())));
            gradients.add(place(in.gradient(), shape));
        }
        MixInput any = inputs.get(0);
        List<Outputs> outputs = new ArrayList<>();
        try (WeightMixer mixer =
                new WeightMixer(layers, any.bitWidths(), any.sparsities(), any.straightThroughMask())) {
            for (int i = 0; i < inputs.size(); i++) {
                MixInput in = inputs.get(i);
                mixer.bitProbabilities().select(0, i).copy_(Tensor.create(in.bitProbabilities()));
                mixer.sparsityProbabilities().select(0, i).copy_(Tensor.create(in.sparsityProbabilities()));
            }
            mixer.updateThresholds();
            mixer.forward();
            mixer.backward(gradients);
            for (int i = 0; i < inputs.size(); i++) {
                WeightMixer.Layer layer = layers.get(i);
                outputs.add(new Outputs(layer.mixed(), layer.weightGradient(), mixer.bitGradient().select(0, i).clone(),
                        mixer.sparsityGradient().select(0, i).clone(), layer.positionMaskGradient()));
            }
        }
        return outputs;
    }
}
