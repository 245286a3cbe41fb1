package io.udc.search.bench;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What the mixing kernels do, composed from libtorch operations: the baseline, and a check of the results. */
final class MixComposition {

    private final int[] bitWidths;
    private final float[] bitProbabilities;
    private final float[] sparsityProbabilities;
    private final float[] thresholds;

    MixComposition(
            int[] bitWidths, float[] bitProbabilities, float[] sparsityProbabilities, float[] thresholds) {
        this.bitWidths = bitWidths;
        this.bitProbabilities = bitProbabilities;
        this.sparsityProbabilities = sparsityProbabilities;
        this.thresholds = thresholds;
    }

    /** The same with other probabilities of the sparsities. */
    MixComposition withSparsities(float[] probabilities) {
        return new MixComposition(bitWidths, bitProbabilities, probabilities, thresholds);
    }

    private static Scalar scalar(double value) {
        return new Scalar(value);
    }

    private static float levels(int bits) {
        return (1 << (bits - 1)) - 1;
    }

    /** Q_b(w): weights [channels, n], steps [channels, bit widths]. */
    private Tensor quantized(Tensor weights, Tensor steps, int b) {
        Tensor step = steps.narrow(1, b, 1);
        Scalar limit = scalar(levels(bitWidths[b]));
        Tensor levels = weights.div(step).round_().clamp_(
                new ScalarOptional(scalar(-levels(bitWidths[b]))),
                new ScalarOptional(limit));
        return levels.mul_(step);
    }

    private Tensor survivors(Tensor magnitudes, int s) {
        return magnitudes.ge(scalar(thresholds[s]));
    }

    private Tensor mixedMask(Tensor magnitudes) {
        Tensor mask = torch.zeros_like(magnitudes);
        for (int s = 0; s < thresholds.length; s++) {
            mask.add_(survivors(magnitudes, s), scalar(sparsityProbabilities[s]));
        }
        return mask;
    }

    private Tensor mixedValue(Tensor weights, Tensor steps) {
        Tensor value = torch.zeros_like(weights);
        for (int b = 0; b < bitWidths.length; b++) {
            value.add_(quantized(weights, steps, b), scalar(bitProbabilities[b]));
        }
        return value;
    }

    /** W_eff. */
    Tensor forward(Tensor weights, Tensor steps) {
        return mixedValue(weights, steps).mul_(mixedMask(weights.abs()));
    }

    /** The gradients to the weights, the bit widths and the sparsities, in this order. */
    Tensor[] backward(Tensor weights, Tensor steps, Tensor gradient) {
        Tensor magnitudes = weights.abs();
        Tensor kept = mixedMask(magnitudes).mul_(gradient);
        Tensor value = torch.zeros_like(weights);
        Tensor inside = torch.zeros_like(weights);
        Tensor bits = torch.zeros(bitWidths.length);
        for (int b = 0; b < bitWidths.length; b++) {
            Tensor quantized = quantized(weights, steps, b);
            Tensor limit = steps.narrow(1, b, 1).mul(scalar(levels(bitWidths[b])));
            value.add_(quantized, scalar(bitProbabilities[b]));
            inside.add_(magnitudes.le(limit), scalar(bitProbabilities[b]));
            bits.narrow(0, b, 1).copy_(quantized.mul_(kept).sum());
        }
        value.mul_(gradient);
        Tensor sparsities = torch.zeros(thresholds.length);
        for (int s = 0; s < thresholds.length; s++) {
            sparsities.narrow(0, s, 1).copy_(survivors(magnitudes, s).mul(value).sum());
        }
        return new Tensor[] {kept.mul_(inside), bits, sparsities};
    }
}
