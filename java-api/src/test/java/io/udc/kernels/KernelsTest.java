package io.udc.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.bindings.Kernels;
import io.udc.bindings.Kernels.udc_activation_tensor;
import io.udc.bindings.Kernels.udc_kernels_cuda;
import io.udc.bindings.Kernels.udc_kernels_error;
import io.udc.bindings.Kernels.udc_kernels_execution;
import io.udc.bindings.Kernels.udc_mix_layer;
import io.udc.bindings.Kernels.udc_mix_options;
import io.udc.bindings.Kernels.udc_quantize_layer;
import io.udc.bindings.Kernels.udc_threshold_layer;
import io.udc.kernels.KernelReference.MixInput;
import io.udc.kernels.KernelReference.MixOutput;
import io.udc.kernels.KernelReference.Quantized;
import io.udc.kernels.KernelReference.Sum;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every kernel of every implementation against {@link KernelReference}. CUDA runs where a device answers, or must where
 * UDC_TEST_DEVICE=cuda; UDC_KERNELS_CUDA_LIBRARY names its library. UDC_TEST_SEED repeats a failure.
 */
class KernelsTest {

    enum Implementation {
        CPU,
        CPU_PORTABLE,
        CUDA
    }

    private static final int[] BITS = {2, 3, 4, 5, 6, 8};
    private static final double[] SPARSITIES = {0, 0.5, 0.75, 0.875, 0.94};
    private static final int[][] SHAPES = {
        {1, 1}, {1, 7}, {3, 9}, {17, 27}, {33, 25}, {1, 4097}, {64, 1}, {3000, 3}, {5, 1025}, {1, 70001}
    };

    private final long seed = System.getenv("UDC_TEST_SEED") == null
            ? System.nanoTime()
            : Long.parseLong(System.getenv("UDC_TEST_SEED"));
    private final Random random = new Random(seed);
    private final String seedMessage = "UDC_TEST_SEED=" + seed;
    private PointerScope scope;
    private udc_kernels_execution execution;
    private udc_kernels_error error;
    private boolean cuda;

    @BeforeEach
    void open() {
        scope = new PointerScope();
        error = new udc_kernels_error();
        execution = new udc_kernels_execution();
        Pointer.memset(execution, 0, execution.sizeof());
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private void use(Implementation implementation) {
        execution.portable(implementation == Implementation.CPU_PORTABLE ? 1 : 0);
        cuda = implementation == Implementation.CUDA;
        if (!cuda) {
            return;
        }
        udc_kernels_cuda handle = new udc_kernels_cuda();
        String library = System.getenv("UDC_KERNELS_CUDA_LIBRARY");
        BytePointer path = library == null ? null : new BytePointer(library);
        int status = Kernels.udc_kernels_cuda_open(path, handle, error);
        boolean usable = status == Kernels.UDC_KERNELS_OK && torch.cuda_is_available();
        boolean forced = "cuda".equals(System.getenv("UDC_TEST_DEVICE"));
        assumeTrue(usable || forced, () -> "no CUDA device: " + error.message().getString());
        assertTrue(usable, () -> "UDC_TEST_DEVICE=cuda, but " + error.message().getString());
        execution.cuda(handle);
    }

    // Values in the implementation's memory, at any offset from an aligned start.

    private Tensor place(float[] values) {
        int offset = random.nextInt(4);
        Tensor all = torch.zeros(values.length + 4);
        Tensor part = all.narrow(0, offset, values.length);
        new FloatPointer(part.data_ptr()).put(values);
        return cuda ? all.cuda().narrow(0, offset, values.length) : part;
    }

    private Tensor placeLongs(int count) {
        TensorOptions int64 = new TensorOptions().dtype(new ScalarTypeOptional(torch.ScalarType.Long));
        Tensor tensor = torch.zeros(new long[] {count}, int64);
        return cuda ? tensor.cuda() : tensor;
    }

    private static FloatPointer floats(Tensor tensor) {
        return new FloatPointer(tensor.data_ptr());
    }

    private static float[] read(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.cpu().data_ptr()).get(values);
        return values;
    }

    private static long[] readLongs(Tensor tensor) {
        long[] values = new long[(int) tensor.numel()];
        new LongPointer(tensor.cpu().data_ptr()).get(values);
        return values;
    }

    private void workspace(long bytes) {
        Tensor memory = torch.zeros(bytes / 4 + 4);
        execution.workspace((cuda ? memory.cuda() : memory).data_ptr()).workspace_bytes(bytes);
    }

    private void ok(int status) {
        assertEquals(Kernels.UDC_KERNELS_OK, status, () -> error.message().getString());
    }

    private float[] normals(int count, double scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return values;
    }

    private float[] uniforms(int count, double low, double high) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (low + random.nextDouble() * (high - low));
        }
        return values;
    }

    private void assertNear(Sum[] expected, Tensor tensor, String name) {
        float[] actual = read(tensor);
        for (int i = 0; i < expected.length; i++) {
            double value = expected[i].value;
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                assertEquals((float) value, actual[i], name + "[" + i + "], " + seedMessage);
            } else {
                double tolerance = 16 * 0x1p-24 * expected[i].magnitude + 1e-37;
                assertEquals(value, actual[i], tolerance, name + "[" + i + "], " + seedMessage);
            }
        }
    }

    // ---- thresholds

    private void thresholds(Tensor weights, Tensor limits, Tensor ties) {
        udc_threshold_layer layer = new udc_threshold_layer();
        layer.weights(floats(weights))
                .count(weights.numel())
                .sparsities(new DoublePointer(SPARSITIES))
                .thresholds(floats(limits))
                .tie_limits(new LongPointer(ties.data_ptr()));
        LongPointer bytes = new LongPointer(1);
        ok(Kernels.udc_kernels_thresholds_workspace(layer, 1, SPARSITIES.length, execution, bytes, error));
        workspace(bytes.get());
        ok(Kernels.udc_kernels_thresholds(layer, 1, SPARSITIES.length, execution, error));
    }

    private void checkThresholds(float[] values) {
        Tensor limits = place(new float[SPARSITIES.length]);
        Tensor ties = placeLongs(SPARSITIES.length);
        thresholds(place(values), limits, ties);
        float[] threshold = read(limits);
        long[] tieLimit = readLongs(ties);
        for (int s = 0; s < SPARSITIES.length; s++) {
            boolean[] expected = KernelReference.survivors(values, SPARSITIES[s]);
            boolean[] actual = new boolean[values.length];
            for (int i = 0; i < values.length; i++) {
                actual[i] = KernelReference.survives(values[i], i, threshold[s], tieLimit[s]);
            }
            assertArrayEquals(expected, actual, "sparsity " + SPARSITIES[s] + ", " + seedMessage);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thresholdsKeepExactlyTheLargest(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            checkThresholds(normals(shape[0] * shape[1], 0.1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void thresholdsBreakTiesByIndex(Implementation implementation) {
        use(implementation);
        float[] few = new float[100003];
        for (int i = 0; i < few.length; i++) {
            few[i] = (random.nextInt(9) - 4) * 0.25f;
        }
        checkThresholds(few);
        checkThresholds(new float[1000]);
        float[] odd = normals(2000, 0x1p-140);
        odd[3] = Float.NaN;
        odd[4] = Float.NEGATIVE_INFINITY;
        odd[5] = -0.0f;
        checkThresholds(odd);
    }

    // ---- mixing

    private MixInput randomMix(int channels, int perChannel, boolean straightThrough) {
        int count = channels * perChannel;
        float[] weights = normals(count, 0.1);
        float[] steps = uniforms(channels * BITS.length, 0.5, 2);
        for (int i = 0; i < steps.length; i++) {
            steps[i] *= 0.2f / ((1 << (BITS[i % BITS.length] - 1)) - 1);
        }
        float[] thresholds = new float[SPARSITIES.length];
        long[] ties = new long[SPARSITIES.length];
        for (int s = 0; s < thresholds.length; s++) {
            thresholds[s] = s % 2 == 1 ? Math.abs(weights[random.nextInt(count)]) : 0.05f * s;
            ties[s] = s == 0 ? Long.MAX_VALUE : random.nextInt(count + 1) - 1;
        }
        return new MixInput(
                channels,
                perChannel,
                BITS,
                weights,
                steps,
                uniforms(BITS.length, 0, 1),
                uniforms(SPARSITIES.length, 0, 1),
                thresholds,
                ties,
                uniforms(perChannel, -0.2, 1),
                uniforms(channels, -0.2, 1),
                normals(count, 1),
                straightThrough);
    }

    /** The outputs of both directions, in the order of {@link MixOutput}. */
    private Tensor[] runMix(MixInput in) {
        int count = in.weights().length;
        int[] sizes = {
            count, count, BITS.length, SPARSITIES.length, in.channels() * BITS.length, in.perChannel(), in.channels()
        };
        Tensor[] out = new Tensor[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            out[i] = place(new float[sizes[i]]);
        }
        Tensor ties = placeLongs(in.tieLimits().length);
        Tensor hostTies = ties.cpu();
        new LongPointer(hostTies.data_ptr()).put(in.tieLimits());
        ties.copy_(hostTies);
        udc_mix_layer layer = new udc_mix_layer();
        layer.weights(floats(place(in.weights())))
                .mixed(floats(out[0]))
                .steps(floats(place(in.steps())))
                .bit_probabilities(floats(place(in.bitProbabilities())))
                .sparsity_probabilities(floats(place(in.sparsityProbabilities())))
                .thresholds(floats(place(in.thresholds())))
                .tie_limits(new LongPointer(ties.data_ptr()))
                .mask(floats(place(in.mask())))
                .channel_mask(floats(place(in.channelMask())))
                .channels(in.channels())
                .per_channel(in.perChannel())
                .mixed_gradient(floats(place(in.gradient())))
                .weight_gradient(floats(out[1]))
                .bit_gradient(floats(out[2]))
                .sparsity_gradient(floats(out[3]))
                .step_gradient(floats(out[4]))
                .mask_gradient(floats(out[5]))
                .channel_mask_gradient(floats(out[6]));
        udc_mix_options options = new udc_mix_options();
        options.bit_options(BITS.length)
                .sparsity_options(SPARSITIES.length)
                .straight_through_mask(in.straightThroughMask() ? 1 : 0);
        for (int b = 0; b < BITS.length; b++) {
            options.bit_widths(b, BITS[b]);
        }
        LongPointer bytes = new LongPointer(1);
        ok(Kernels.udc_kernels_mix_backward_workspace(layer, 1, options, execution, bytes, error));
        workspace(bytes.get());
        ok(Kernels.udc_kernels_mix_forward(layer, 1, options, execution, error));
        ok(Kernels.udc_kernels_mix_backward(layer, 1, options, execution, error));
        return out;
    }

    private void checkMix(MixInput in) {
        Tensor[] out = runMix(in);
        MixOutput expected = KernelReference.mix(in);
        assertNear(expected.mixed(), out[0], "mixed");
        assertNear(expected.weights(), out[1], "weight gradient");
        assertNear(expected.bits(), out[2], "bit gradient");
        assertNear(expected.sparsities(), out[3], "sparsity gradient");
        assertNear(expected.steps(), out[4], "step gradient");
        assertNear(expected.mask(), out[5], "mask gradient");
        assertNear(expected.channelMask(), out[6], "channel mask gradient");
    }

    @ParameterizedTest
    @EnumSource
    void mixingAgreesOnOddShapes(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            checkMix(randomMix(shape[0], shape[1], random.nextBoolean()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void mixingIsDefinedForZerosDenormalsAndValuesThatAreNotFinite(Implementation implementation) {
        use(implementation);
        MixInput in = randomMix(4, 41, false);
        in.weights()[0] = 0;
        in.weights()[1] = -0.0f;
        in.weights()[2] = Float.MIN_VALUE;
        in.weights()[44] = Float.POSITIVE_INFINITY;
        in.weights()[45] = Float.NEGATIVE_INFINITY;
        in.weights()[46] = Float.MAX_VALUE;
        in.steps()[7] = 0;
        checkMix(in);
        in.weights()[90] = Float.NaN;
        checkMix(in);
    }

    @ParameterizedTest
    @EnumSource
    void mixingGivesTheSameBitsTwice(Implementation implementation) {
        use(implementation);
        MixInput in = randomMix(257, 301, false);
        Tensor[] first = runMix(in);
        execution.threads(1);
        Tensor[] second = runMix(in);
        for (int i = 0; i < first.length; i++) {
            assertArrayEquals(read(first[i]), read(second[i]), "output " + i + ", " + seedMessage);
        }
    }

    // ---- fixed bits

    @ParameterizedTest
    @EnumSource
    void fixedBitsAgree(Implementation implementation) {
        use(implementation);
        for (int[] shape : SHAPES) {
            int count = shape[0] * shape[1];
            int bits = 2 + random.nextInt(7);
            float[] weights = normals(count, 0.1);
            float[] gradient = normals(count, 1);
            float[] steps = uniforms(shape[0], 0.01, 0.1);
            Tensor quantized = place(new float[count]);
            Tensor weightGradient = place(new float[count]);
            Tensor stepGradient = place(new float[shape[0]]);
            udc_quantize_layer layer = new udc_quantize_layer();
            layer.weights(floats(place(weights)))
                    .steps(floats(place(steps)))
                    .mask((BytePointer) null)
                    .quantized(floats(quantized))
                    .channels(shape[0])
                    .per_channel(shape[1])
                    .bits(bits)
                    .straight_through_mask(0)
                    .quantized_gradient(floats(place(gradient)))
                    .weight_gradient(floats(weightGradient))
                    .step_gradient(floats(stepGradient));
            LongPointer bytes = new LongPointer(1);
            ok(Kernels.udc_kernels_quantize_backward_workspace(layer, 1, execution, bytes, error));
            workspace(bytes.get());
            ok(Kernels.udc_kernels_quantize_forward(layer, 1, execution, error));
            ok(Kernels.udc_kernels_quantize_backward(layer, 1, execution, error));
            Sum[] values = Sum.array(count);
            Sum[] inputs = Sum.array(count);
            Sum[] sums = Sum.array(shape[0]);
            for (int i = 0; i < count; i++) {
                Quantized q = KernelReference.quantize(weights[i], steps[i / shape[1]], bits);
                values[i].add(q.value());
                inputs[i].add(q.inside() ? gradient[i] : 0);
                sums[i / shape[1]].add(gradient[i] * q.slope());
            }
            assertNear(values, quantized, "quantized");
            assertNear(inputs, weightGradient, "weight gradient");
            assertNear(sums, stepGradient, "step gradient");
        }
    }

    @ParameterizedTest
    @EnumSource
    void activationsAgree(Implementation implementation) {
        use(implementation);
        for (int count : new int[] {1, 9, 1023, 70001}) {
            float[] input = normals(count, 1);
            float[] gradient = normals(count, 1);
            float step = 0.013f;
            Tensor output = place(new float[count]);
            Tensor inputGradient = place(new float[count]);
            Tensor stepGradient = place(new float[1]);
            udc_activation_tensor tensor = new udc_activation_tensor();
            Pointer.memset(tensor, 0, tensor.sizeof());
            tensor.input(floats(place(input)))
                    .output(floats(output))
                    .step(floats(place(new float[] {step})))
                    .count(count)
                    .quant_min(-128)
                    .quant_max(127)
                    .output_gradient(floats(place(gradient)))
                    .input_gradient(floats(inputGradient))
                    .step_gradient(floats(stepGradient));
            LongPointer bytes = new LongPointer(1);
            ok(Kernels.udc_kernels_activation_backward_workspace(tensor, 1, execution, bytes, error));
            workspace(bytes.get());
            ok(Kernels.udc_kernels_activation_forward(tensor, 1, execution, error));
            ok(Kernels.udc_kernels_activation_backward(tensor, 1, execution, error));
            Sum[] values = Sum.array(count);
            Sum[] inputs = Sum.array(count);
            Sum[] sum = Sum.array(1);
            for (int i = 0; i < count; i++) {
                Quantized q = KernelReference.quantize(input[i], step, -128, 127);
                values[i].add(q.value());
                inputs[i].add(q.inside() ? gradient[i] : 0);
                sum[0].add(gradient[i] * q.slope());
            }
            assertNear(values, output, "output");
            assertNear(inputs, inputGradient, "input gradient");
            assertNear(sum, stepGradient, "step gradient");
        }
    }
}
