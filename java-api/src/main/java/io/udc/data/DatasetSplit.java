package io.udc.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Divides a training set into the part that trains weights and the part that trains decisions. */
public final class DatasetSplit {

    private DatasetSplit() {}

    /**
     * Splits by class, so that both parts hold the same share of each class to within one picture.
     *
     * @param decisionShare share of the second part, 0 to 1
     * @return two ascending arrays of indices: weights, decisions; the same for the same seed
     */
    public static int[][] split(ImageDataset dataset, double decisionShare, long seed) {
        if (!(decisionShare >= 0 && decisionShare <= 1)) {
            throw new IllegalArgumentException("decisionShare: found " + decisionShare + ", expected 0 to 1");
        }
        int[] order = shuffled(dataset.size(), new SplittableRandom(seed));
        int[] wanted = decisionsPerClass(dataset, decisionShare);
        boolean[] decides = new boolean[order.length];
        int decisions = 0;
        for (int index : order) {
            if (wanted[dataset.label(index)]-- > 0) {
                decides[index] = true;
                decisions++;
            }
        }
        int[][] parts = {new int[order.length - decisions], new int[decisions]};
        int[] filled = new int[2];
        for (int index = 0; index < order.length; index++) {
            int part = decides[index] ? 1 : 0;
            parts[part][filled[part]++] = index;
        }
        return parts;
    }

    private static int[] decisionsPerClass(ImageDataset dataset, double share) {
        int[] count = new int[dataset.classNames().size()];
        for (int index = 0; index < dataset.size(); index++) {
            count[dataset.label(index)]++;
        }
        return Arrays.stream(count).map(n -> (int) Math.round(n * share)).toArray();
    }

    /** 0 to size - 1 in random order. */
    static int[] shuffled(int size, SplittableRandom random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
