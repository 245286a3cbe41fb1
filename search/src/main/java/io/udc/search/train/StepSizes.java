package io.udc.search.train;

/** Quantization steps that minimise the mean square error. */
final class StepSizes {

    /** Steps tried, from the one that covers the greatest weight downwards by this ratio. */
    private static final int CANDIDATES = 24;

    private static final double RATIO = 0.93;

    private StepSizes() {}

    /**
     * The step of least square error for the surviving weights of one output channel.
     *
     * @param mask 1 for survivors, in the same places as the weights
     * @param maxLevel greatest quantized magnitude
     * @return above 0, also if nothing survives
     */
    static float meanSquare(float[] weights, byte[] mask, int begin, int end, int maxLevel) {
        float greatest = 0;
        for (int i = begin; i < end; i++) {
            if (mask[i] != 0) {
                greatest = Math.max(greatest, Math.abs(weights[i]));
            }
        }
        if (!(greatest > 1e-12f)) {
            return 1f / maxLevel;
        }
        double step = (double) greatest / maxLevel;
        double best = step;
        double least = Double.MAX_VALUE;
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            double error = squareError(weights, mask, begin, end, maxLevel, (float) step);
            if (error < least) {
                least = error;
                best = step;
            }
            step *= RATIO;
        }
        return (float) best;
    }

    private static double squareError(float[] weights, byte[] mask, int begin, int end, int maxLevel, float step) {
        double sum = 0;
        float inverse = 1 / step;
        for (int i = begin; i < end; i++) {
            if (mask[i] != 0) {
                float magnitude = Math.abs(weights[i]);
                float level = Math.min((int) (magnitude * inverse + 0.5f), maxLevel);
                float error = magnitude - level * step;
                sum += error * error;
            }
        }
        return sum;
    }
}
