package io.udc.kernels;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The formulas of udc/kernels.h in float64, written plainly: one loop per sum, nothing fused. */
final class KernelReference {

    private KernelReference() {}

    /** A sum and the sum of its terms' magnitudes, which says how exact a float sum can be. */
    static final class Sum {
        double value;
        double magnitude;

        void add(double term) {
            value += term;
            magnitude += Math.abs(term);
        }

        static Sum[] array(int length) {
            return IntStream.range(0, length).mapToObj(i -> new Sum()).toArray(Sum[]::new);
        }
    }

    /** One value under one quantizer: Q, whether it is in range, and dQ/dstep. */
    record Quantized(double value, boolean inside, double slope) {}

    static Quantized quantize(float value, float step, double low, double high) {
        if (Float.isNaN(value)) {
            return new Quantized(value, false, value);
        }
        if (!(step >= 0x1p-50f && step <= 0x1p50f)) {
            return new Quantized(0, false, 0);
        }
        double x = value / step;
        double rounded = Math.min(Math.max(Math.rint(x), low), high);
        boolean inside = value >= step * (float) low && value <= step * (float) high;
        return new Quantized(rounded * step, inside, inside ? rounded - x : rounded);
    }

    static Quantized quantize(float value, float step, int bits) {
        double levels = (1 << (bits - 1)) - 1;
        return quantize(value, step, -levels, levels);
    }

    static int magnitude(float value) {
        return Float.floatToRawIntBits(value) & 0x7fffffff;
    }

    /** Which weights survive, by sorting: larger magnitudes first, then smaller indices. */
    static boolean[] survivors(float[] weights, double sparsity) {
        int wanted = weights.length - (int) Math.floor(sparsity * weights.length + 0.5);
        Integer[] order = IntStream.range(0, weights.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparing((Integer i) -> magnitude(weights[i])).reversed());
        boolean[] result = new boolean[weights.length];
        for (int i = 0; i < wanted; i++) {
            result[order[i]] = true;
        }
        return result;
    }

    /** The inputs of one mixed tensor. */
    record MixInput(
            int channels,
            int perChannel,
            int[] bitWidths,
            double[] sparsities,
            float[] weights,
            float[] steps,
            float[] bitProbabilities,
            float[] sparsityProbabilities,
            float[] mask,
            float[] gradient,
            boolean straightThroughMask) {}

    /** Every output of mixing. */
    record MixOutput(Sum[] mixed, Sum[] weights, Sum[] bits, Sum[] sparsities, Sum[] mask) {}

    static MixOutput mix(MixInput in) {
        int bitOptions = in.bitWidths.length;
        int sparsityOptions = in.sparsities.length;
        int count = in.weights.length;
        boolean[][] survives = new boolean[sparsityOptions][];
        for (int s = 0; s < sparsityOptions; s++) {
            survives[s] = survivors(in.weights, in.sparsities[s]);
        }
        MixOutput out = new MixOutput(
                Sum.array(count),
                Sum.array(count),
                Sum.array(bitOptions),
                Sum.array(sparsityOptions),
                Sum.array(in.perChannel));
        for (int i = 0; i < count; i++) {
            int c = i / in.perChannel;
            int j = i % in.perChannel;
            float w = in.weights[i];
            double g = Float.isNaN(w) ? w : in.gradient[i];
            double mask = in.mask[j];
            double kept = 0;
            for (int s = 0; s < sparsityOptions; s++) {
                kept += survives[s][i] ? in.sparsityProbabilities[s] : 0;
            }
            Sum value = new Sum();
            double inside = 0;
            for (int b = 0; b < bitOptions; b++) {
                double p = in.bitProbabilities[b];
                Quantized q = quantize(w, in.steps[c * bitOptions + b], in.bitWidths[b]);
                value.add(p * q.value);
                inside += q.inside ? p : 0;
                out.bits[b].add(g * mask * kept * q.value);
            }
            out.mixed[i].value = mask * kept * value.value;
            out.mixed[i].magnitude = Math.abs(mask * kept) * value.magnitude;
            out.weights[i].add(g * mask * (in.straightThroughMask ? 1 : kept) * inside);
            for (int s = 0; s < sparsityOptions; s++) {
                if (survives[s][i]) {
                    out.sparsities[s].add(g * mask * value.value);
                }
            }
            out.mask[j].add(g * kept * value.value);
        }
        return out;
    }
}
