package io.udc.search.train;

import java.util.Arrays;

/** Which weights of a layer survive. */
final class Pruning {

    private Pruning() {}

    /**
     * The sparsity after a share of the way: final * (1 - (1 - progress)^3), the cubic schedule of Zhu and Gupta
     * (arXiv 1710.01878).
     *
     * @param progress 0 or less before the way begins, 1 or more at its end
     */
    static double cubic(double finalSparsity, double progress) {
        double rest = 1 - Math.min(Math.max(progress, 0), 1);
        return finalSparsity * (1 - rest * rest * rest);
    }

    /** Number of weights that are pruned: sparsity * count, rounded half up. */
    static int pruned(int count, double sparsity) {
        return (int) Math.floor(sparsity * count + 0.5);
    }

    /**
     * Marks the weights of greatest magnitude; of equal ones the first survive, so that the count is exact.
     *
     * @param weights all weights; those from {@code offset} on belong to the layer
     * @param mask receives 1 for survivors and 0 for the others in the same places
     */
    static void mark(float[] weights, int offset, int count, double sparsity, byte[] mask) {
        int pruned = pruned(count, sparsity);
        Arrays.fill(mask, offset, offset + count, (byte) 1);
        if (pruned == 0) {
            return;
        }
        int[] magnitudes = new int[count];
        for (int i = 0; i < count; i++) {
            magnitudes[i] = Float.floatToRawIntBits(weights[offset + i]) & Integer.MAX_VALUE;
        }
        int[] sorted = magnitudes.clone();
        Arrays.sort(sorted);
        int threshold = pruned == count ? Integer.MAX_VALUE : sorted[pruned];
        int tiesToPrune = pruned;
        for (int i = 0; i < count && sorted[i] < threshold; i++) {
            tiesToPrune--;
        }
        for (int i = count - 1; i >= 0; i--) {
            boolean tie = magnitudes[i] == threshold && tiesToPrune > 0;
            if (magnitudes[i] < threshold || tie) {
                mask[offset + i] = 0;
                tiesToPrune -= tie ? 1 : 0;
            }
        }
    }
}
