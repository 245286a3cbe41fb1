package io.udc.sr;

/** Which source positions make each target position of one dimension, and with which weights. Immutable. */
final class ResizeWeights {

    private static final double A = -0.5;
    private static final double KERNEL_WIDTH = 4;

    private final int taps;
    private final int[] sources;
    private final double[] weights;

    private ResizeWeights(int targets, int taps) {
        this.taps = taps;
        sources = new int[targets * taps];
        weights = new double[targets * taps];
    }

    /** The weights of MATLAB's imresize with its bicubic kernel, from {@code in} positions to {@code out}. */
    static ResizeWeights bicubic(int in, int out) {
        double scale = (double) out / in;
        double stretch = Math.min(1, scale);
        double width = KERNEL_WIDTH / stretch;
        ResizeWeights result = new ResizeWeights(out, (int) Math.ceil(width) + 2);
        for (int target = 0; target < out; target++) {
            double centre = (target + 1) / scale + 0.5 * (1 - 1 / scale);
            int left = (int) Math.floor(centre - width / 2);
            result.fill(target, left, centre, stretch, in);
        }
        return result;
    }

    private void fill(int target, int left, double centre, double stretch, int in) {
        int first = target * taps;
        double sum = 0;
        for (int tap = 0; tap < taps; tap++) {
            double weight = stretch * cubic(stretch * (centre - left - tap));
            weights[first + tap] = weight;
            sources[first + tap] = mirrored(left + tap - 1, in);
            sum += weight;
        }
        for (int tap = 0; tap < taps; tap++) {
            weights[first + tap] /= sum;
        }
    }

    /** Keys' cubic convolution kernel with a = -0.5. */
    private static double cubic(double x) {
        double d = Math.abs(x);
        if (d <= 1) {
            return (A + 2) * d * d * d - (A + 3) * d * d + 1;
        }
        return d <= 2 ? A * d * d * d - 5 * A * d * d + 8 * A * d - 4 * A : 0;
    }

    /** Continues 0 to size - 1 by mirroring at the edges, the edge itself repeated. */
    private static int mirrored(int index, int size) {
        int at = Math.floorMod(index, 2 * size);
        return at < size ? at : 2 * size - 1 - at;
    }

    /** Number of weights per target position; some of them are 0. */
    int taps() {
        return taps;
    }

    int source(int target, int tap) {
        return sources[target * taps + tap];
    }

    double weight(int target, int tap) {
        return weights[target * taps + tap];
    }

    /** The weighted sum at one target position. */
    double apply(int target, double[] values) {
        double sum = 0;
        int end = (target + 1) * taps;
        for (int i = target * taps; i < end; i++) {
            sum += weights[i] * values[sources[i]];
        }
        return sum;
    }
}
