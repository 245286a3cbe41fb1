package io.udc.sr;

/** Which source positions make each target position of one dimension, and with which weights. Immutable. */
final class ResizeWeights {

    private static final double A = -0.5;
    private static final double KERNEL_WIDTH = 4;

    private final int targets;
    private final int taps;
    private final int[] sources;
    private final double[] weights;

    private ResizeWeights(int targets, int taps) {
        this.targets = targets;
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
        return result.withoutEmptyTaps();
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

    /** Leaves out the first and last taps whose weights are 0 at every target. */
    private ResizeWeights withoutEmptyTaps() {
        int first = 0;
        int end = taps;
        while (isEmpty(first)) {
            first++;
        }
        while (isEmpty(end - 1)) {
            end--;
        }
        ResizeWeights result = new ResizeWeights(targets, end - first);
        for (int target = 0; target < targets; target++) {
            int from = target * taps + first;
            System.arraycopy(sources, from, result.sources, target * result.taps, result.taps);
            System.arraycopy(weights, from, result.weights, target * result.taps, result.taps);
        }
        return result;
    }

    private boolean isEmpty(int tap) {
        for (int target = 0; target < targets; target++) {
            if (weight(target, tap) != 0) {
                return false;
            }
        }
        return true;
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

    /** Number of target positions. */
    int targets() {
        return targets;
    }

    /** Number of weights per target position. */
    int taps() {
        return taps;
    }

    int source(int target, int tap) {
        return sources[target * taps + tap];
    }

    double weight(int target, int tap) {
        return weights[target * taps + tap];
    }

    /** The weighted sums of one line that starts at {@code start}, for every target position. */
    void apply(double[] line, int start, double[] sums) {
        for (int target = 0; target < targets; target++) {
            double sum = 0;
            int first = target * taps;
            int left = start + sources[first];
            if (sources[first + taps - 1] - sources[first] == taps - 1) {
                for (int tap = 0; tap < taps; tap++) {
                    sum += weights[first + tap] * line[left + tap];
                }
            } else { // near a border, where positions are mirrored
                for (int tap = 0; tap < taps; tap++) {
                    sum += weights[first + tap] * line[start + sources[first + tap]];
                }
            }
            sums[target] = sum;
        }
    }
}
