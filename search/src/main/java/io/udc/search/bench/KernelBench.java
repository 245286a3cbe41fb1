package io.udc.search.bench;

import io.udc.kernels.WeightMixer;
import io.udc.kernels.WeightQuantizer;
import io.udc.memory.StepScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Times the kernels side by side with the same computation composed from libtorch operations and with a plain copy:
 * 6 bit widths and 5 sparsities, tensors of 64 Ki, 1 Mi and 16 Mi weights and a CIFAR network of 40 layers. Every
 * time is the median of several rounds after a warm-up, each round over sets of inputs that together are larger than
 * the cache. Results of both ways are compared before they are timed ({@link KernelCheck}).
 */
public final class KernelBench {

    private static final int[] BITS = {2, 3, 4, 5, 6, 8};
    static final double[] SPARSITIES = {0, 0.5, 0.75, 0.875, 0.94};
    private static final int FIXED_BITS = 4;
    /** Bytes of input that no cache of a desktop or server core complex holds. */
    private static final long BEYOND_CACHE = 96L << 20;

    /** At most so many rounds, and no new one after so long, but at least three. */
    private static final int MOST_ROUNDS = 15;

    private static final long ENOUGH_NANOS = 3_000_000_000L;

    private KernelBench() {}

    /** All rows; each is also handed to progress as soon as it is known. */
    public static List<KernelTiming> run(Consumer<KernelTiming> progress) {
        List<KernelTiming> rows = new ArrayList<>();
        for (List<long[]> shapes : cases()) {
            try (StepScope scope = StepScope.open()) {
                for (KernelTiming row : measure(shapes)) {
                    progress.accept(row);
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    private static List<List<long[]>> cases() {
        List<long[]> network = new ArrayList<>();
        network.add(new long[] {64, 27});
        for (long width : new long[] {64, 128, 256}) {
            for (int i = 0; i < 13; i++) {
                network.add(new long[] {width, width * 9});
            }
        }
        return List.of(
                List.<long[]>of(new long[] {128, 512}),
                List.<long[]>of(new long[] {512, 2048}),
                List.<long[]>of(new long[] {4096, 4096}),
                network);
    }

    /** One set of inputs and outputs. */
    record Inputs(
            List<Tensor> weights,
            List<Tensor> steps,
            List<Tensor> gradients,
            List<Tensor> weightGradients,
            List<Tensor> outputs,
            List<MixComposition> compositions,
            WeightMixer mixer,
            WeightQuantizer quantizer) {}

    private static List<KernelTiming> measure(List<long[]> shapes) {
        long weights = shapes.stream().mapToLong(s -> s[0] * s[1]).sum();
        int sets = (int) Math.max(1, Math.min(16, BEYOND_CACHE / (weights * 8)));
        List<Inputs> inputs = new ArrayList<>();
        for (int i = 0; i < sets; i++) {
            inputs.add(makeInputs(shapes));
        }
        KernelCheck check = new KernelCheck(inputs.get(0));
        double copy = nsPerWeight(weights, sets, set -> each(inputs.get(set), KernelBench::copy));
        List<KernelTiming> rows = new ArrayList<>();
        rows.add(row("mix_forward", check.mixForward(), weights, shapes, copy,
                nsPerWeight(weights, sets, set -> inputs.get(set).mixer.forward()),
                nsPerWeight(weights, sets, set -> each(inputs.get(set), KernelBench::composeForward))));
        rows.add(row("mix_backward", check.mixBackward(), weights, shapes, copy,
                nsPerWeight(weights, sets, set -> inputs.get(set).mixer.backward(inputs.get(set).gradients)),
                nsPerWeight(weights, sets, set -> each(inputs.get(set), KernelBench::composeBackward))));
        rows.add(row("quantize_forward", check.quantizeForward(), weights, shapes, copy,
                nsPerWeight(weights, sets, set -> inputs.get(set).quantizer.forward()),
                nsPerWeight(weights, sets, set -> each(inputs.get(set), KernelBench::fakeQuantize))));
        rows.add(row("quantize_backward", check.quantizeBackward(), weights, shapes, copy,
                nsPerWeight(weights, sets, set -> inputs.get(set).quantizer.backward(inputs.get(set).gradients, false)),
                nsPerWeight(weights, sets, set -> each(inputs.get(set), KernelBench::straightThrough))));
        rows.add(row("thresholds", check.thresholds(), weights, shapes, copy,
                nsPerWeight(weights, sets, set -> inputs.get(set).mixer.updateThresholds()),
                nsPerWeight(weights, 1, set -> each(inputs.get(set), KernelBench::sortMagnitudes))));
        inputs.forEach(i -> {
            i.mixer.close();
            i.quantizer.close();
        });
        return rows;
    }

    private static KernelTiming row(
            String kernel,
            double error,
            long weights,
            List<long[]> shapes,
            double copy,
            double own,
            double composition) {
        return new KernelTiming(kernel, "cpu", weights, shapes.size(), own, composition, copy, error);
    }

    static Inputs makeInputs(List<long[]> shapes) {
        Inputs in = new Inputs(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(),
                new ArrayList<>(), new ArrayList<>(), null, null);
        List<WeightMixer.Layer> mixed = new ArrayList<>();
        List<WeightQuantizer.Layer> fixed = new ArrayList<>();
        float[] bitProbabilities = new float[BITS.length];
        float[] sparsityProbabilities = new float[SPARSITIES.length];
        Arrays.fill(bitProbabilities, 1f / BITS.length);
        Arrays.fill(sparsityProbabilities, 1f / SPARSITIES.length);
        for (long[] shape : shapes) {
            Tensor weights = torch.randn(shape);
            Tensor steps = torch.zeros(shape[0], BITS.length);
            for (int b = 0; b < BITS.length; b++) {
                steps.narrow(1, b, 1).fill_(new Scalar(2.5 / ((1 << (BITS[b] - 1)) - 1)));
            }
            Tensor output = torch.zeros(shape);
            Tensor weightGradient = torch.zeros(shape);
            Tensor fixedSteps = steps.narrow(1, 2, 1).reshape(shape[0]).contiguous();
            in.weights.add(weights);
            in.steps.add(steps);
            in.gradients.add(torch.randn(shape));
            in.weightGradients.add(weightGradient);
            in.outputs.add(output);
            in.compositions.add(
                    new MixComposition(BITS, bitProbabilities, sparsityProbabilities, thresholds(weights)));
            mixed.add(new WeightMixer.Layer(weights, output, weightGradient, steps, null, null));
            fixed.add(new WeightQuantizer.Layer(
                    weights, fixedSteps, null, output, weightGradient, null, FIXED_BITS));
        }
        WeightMixer mixer = new WeightMixer(mixed, BITS, SPARSITIES, false);
        mixer.bitProbabilities().fill_(new Scalar(1.0 / BITS.length));
        mixer.sparsityProbabilities().fill_(new Scalar(1.0 / SPARSITIES.length));
        mixer.updateThresholds();
        return new Inputs(in.weights, in.steps, in.gradients, in.weightGradients, in.outputs, in.compositions, mixer,
                new WeightQuantizer(fixed));
    }

    private static float[] thresholds(Tensor weights) {
        float[] sorted = new float[(int) weights.numel()];
        new FloatPointer(weights.abs().contiguous().data_ptr()).get(sorted);
        Arrays.parallelSort(sorted);
        float[] result = new float[SPARSITIES.length];
        for (int s = 0; s < result.length; s++) {
            int pruned = (int) Math.floor(SPARSITIES[s] * sorted.length + 0.5);
            result[s] = pruned == 0 ? 0 : sorted[pruned];
        }
        return result;
    }

    private interface LayerWork {
        void run(Inputs inputs, int layer);
    }

    private static void each(Inputs inputs, LayerWork work) {
        for (int i = 0; i < inputs.weights.size(); i++) {
            try (StepScope scope = StepScope.open()) {
                work.run(inputs, i);
            }
        }
    }

    private static void copy(Inputs inputs, int i) {
        inputs.outputs.get(i).copy_(inputs.weights.get(i));
    }

    private static void composeForward(Inputs inputs, int i) {
        inputs.compositions.get(i).forward(inputs.weights.get(i), inputs.steps.get(i));
    }

    private static void composeBackward(Inputs inputs, int i) {
        inputs.compositions.get(i).backward(inputs.weights.get(i), inputs.steps.get(i), inputs.gradients.get(i));
    }

    /** What quantize_forward computes. */
    static Tensor fakeQuantize(Inputs inputs, int i) {
        Tensor step = inputs.steps.get(i).narrow(1, 2, 1).reshape(-1).contiguous();
        Tensor zero = torch.zeros_like(step).to(ScalarType.Int);
        return torch.fake_quantize_per_channel_affine(inputs.weights.get(i), step, zero, 0, -7, 7);
    }

    /** What quantize_backward computes without a mask: the gradient where the weight is in range. */
    static Tensor straightThrough(Inputs inputs, int i) {
        Tensor limit = inputs.steps.get(i).narrow(1, 2, 1).mul(new Scalar(7.0));
        return inputs.gradients.get(i).mul(inputs.weights.get(i).abs().le(limit));
    }

    private static void sortMagnitudes(Inputs inputs, int i) {
        torch.sort(inputs.weights.get(i).abs().reshape(-1));
    }

    private static double nsPerWeight(long weights, int sets, IntConsumer call) {
        for (int set = 0; set < sets; set++) {
            call.accept(set);
        }
        List<Double> rounds = new ArrayList<>();
        long begin = System.nanoTime();
        while (rounds.size() < 3
                || (rounds.size() < MOST_ROUNDS && System.nanoTime() - begin < ENOUGH_NANOS)) {
            long start = System.nanoTime();
            for (int set = 0; set < sets; set++) {
                call.accept(set);
            }
            rounds.add((System.nanoTime() - start) / ((double) weights * sets));
        }
        rounds.sort(null);
        return rounds.get(rounds.size() / 2);
    }
}
