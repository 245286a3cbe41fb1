package io.udc.search.train;

import java.util.SplittableRandom;

/**
 * Quantization steps of least squared error. The quantizer is symmetric, with 0 and equally many levels on both sides;
 * weights that are 0 are 0 under every step and have no say.
 */
public final class StepSizes {

    /** Steps tried, from the one that covers the greatest weight downwards by this ratio. */
    private static final int CANDIDATES = 28;

    private static final double RATIO = 0.93;
    private static final int GAUSSIAN_SAMPLE = 8192;

    private StepSizes() {}

    /**
     * The step for some of the weights, such as those of one output channel.
     *
     * @param maxLevel greatest quantized magnitude
     * @return above 0, also if all weights are 0
     */
    public static float leastSquares(float[] weights, int begin, int end, int maxLevel) {
        float greatest = 0;
        for (int i = begin; i < end; i++) {
            greatest = Math.max(greatest, Math.abs(weights[i]));
        }
        if (!(greatest > 1e-12f)) {
            return 1f / maxLevel;
        }
        double step = (double) greatest / maxLevel;
        double best = step;
        double least = Double.MAX_VALUE;
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            double error = squareError(weights, begin, end, maxLevel, (float) step);
            if (error < least) {
                least = error;
                best = step;
            }
            step *= RATIO;
        }
        return (float) best;
    }

    /**
     * One step for each output channel.
     *
     * @param perChannel weights of a channel, which lie side by side
     * @param maxLevel greatest quantized magnitude
     */
    public static float[] leastSquares(float[] weights, int perChannel, int maxLevel) {
        float[] steps = new float[weights.length / perChannel];
        for (int channel = 0; channel < steps.length; channel++) {
            steps[channel] = leastSquares(weights, channel * perChannel, (channel + 1) * perChannel, maxLevel);
        }
        return steps;
    }

    /** What these steps leave of squared error, as a share of the weights' squares; 0 if all weights are 0. */
    public static double relativeError(float[] weights, int perChannel, int maxLevel) {
        float[] steps = leastSquares(weights, perChannel, maxLevel);
        double error = 0;
        double squares = 0;
        for (int channel = 0; channel < steps.length; channel++) {
            error += squareError(
                    weights, channel * perChannel, (channel + 1) * perChannel, maxLevel, steps[channel]);
        }
        for (float weight : weights) {
            squares += (double) weight * weight;
        }
        return squares == 0 ? 0 : error / squares;
    }

    /** The levels of weights, with one step for each output channel. */
    static byte[] levels(float[] weights, float[] steps, int maxLevel) {
        int perChannel = weights.length / steps.length;
        byte[] levels = new byte[weights.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) IntegerConversion.level(weights[i], steps[i / perChannel], maxLevel);
        }
        return levels;
    }

    /** The weights as they are quantized with a step of least squared error for each output channel. */
    static float[] quantized(float[] weights, int perChannel, int maxLevel) {
        float[] steps = leastSquares(weights, perChannel, maxLevel);
        byte[] levels = levels(weights, steps, maxLevel);
        float[] quantized = new float[weights.length];
        for (int i = 0; i < quantized.length; i++) {
            quantized[i] = levels[i] * steps[i / perChannel];
        }
        return quantized;
    }

    /** One step for each bit width, for weights of a whole layer. */
    public static double[] leastSquares(float[] weights, int[] bitWidths) {
        double[] steps = new double[bitWidths.length];
        for (int b = 0; b < steps.length; b++) {
            steps[b] = leastSquares(weights, 0, weights.length, (1 << (bitWidths[b] - 1)) - 1);
        }
        return steps;
    }

    /** One step for each bit width, for Gaussian weights of root mean square 1. */
    public static double[] ofGaussian(int[] bitWidths) {
        SplittableRandom random = new SplittableRandom(1);
        float[] sample = new float[GAUSSIAN_SAMPLE];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = (float) random.nextGaussian();
        }
        return leastSquares(sample, bitWidths);
    }

    private static double squareError(float[] weights, int begin, int end, int maxLevel, float step) {
        double sum = 0;
        float inverse = 1 / step;
        for (int i = begin; i < end; i++) {
            float magnitude = Math.abs(weights[i]);
            float level = Math.min((int) (magnitude * inverse + 0.5f), maxLevel);
            float error = magnitude - level * step;
            sum += error * error;
        }
        return sum;
    }
}
