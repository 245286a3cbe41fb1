package io.udc.search.supernet;

/**
 * Quantization steps with the least mean squared error. The quantizer is symmetric with 2^b - 1 levels, zero among
 * them.
 */
final class StepSizes {

    private static final int CANDIDATES = 24;

    private StepSizes() {}

    /** Steps for Gaussian weights of root mean square 1, by numeric integration. */
    static double[] ofGaussian(int[] bitWidths) {
        int samples = 4096;
        float[] values = new float[samples];
        float[] density = new float[samples];
        for (int i = 0; i < samples; i++) {
            double x = (i + 0.5) * 6 / samples; // the tail beyond 6 sigma holds 2e-9 of the weight
            values[i] = (float) x;
            density[i] = (float) Math.exp(-x * x / 2);
        }
        double[] steps = new double[bitWidths.length];
        for (int b = 0; b < steps.length; b++) {
            steps[b] = best(values, density, 6, bitWidths[b]);
        }
        return steps;
    }

    /**
     * Steps for given weights.
     *
     * @param weights a sample of the layer
     * @param bitWidths one step is found for each
     */
    static double[] of(float[] weights, int[] bitWidths) {
        float largest = 0;
        for (float weight : weights) {
            largest = Math.max(largest, Math.abs(weight));
        }
        double[] steps = new double[bitWidths.length];
        for (int b = 0; b < steps.length; b++) {
            steps[b] = largest > 0 ? best(weights, null, largest, bitWidths[b]) : 1;
        }
        return steps;
    }

    /** Tries clipping points between a tenth of the range and all of it. */
    private static double best(float[] values, float[] importance, double range, int bits) {
        int levels = (1 << (bits - 1)) - 1;
        double bestStep = range / levels;
        double bestError = Double.POSITIVE_INFINITY;
        for (int i = 1; i <= CANDIDATES; i++) {
            double step = range * (0.1 + 0.9 * i / CANDIDATES) / levels;
            double error = squaredError(values, importance, (float) step, levels);
            if (error < bestError) {
                bestError = error;
                bestStep = step;
            }
        }
        return bestStep;
    }

    private static double squaredError(float[] values, float[] importance, float step, int levels) {
        double sum = 0;
        float inverse = 1 / step;
        for (int i = 0; i < values.length; i++) {
            float level = Math.max(-levels, Math.min(levels, (float) Math.rint(values[i] * inverse)));
            float difference = values[i] - level * step;
            sum += difference * difference * (importance == null ? 1 : importance[i]);
        }
        return sum;
    }
}
