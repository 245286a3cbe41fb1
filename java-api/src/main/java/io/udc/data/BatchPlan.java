package io.udc.data;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which pictures make which batch. Depends on nothing but (seed, epoch), so that every loader hands out the same
 * batches.
 *
 * @param members indices of the pictures in their data set
 * @param batchSize pictures of a batch, at least 1
 * @param seed where order and augmentation start from
 * @param shuffle whether each epoch has an order of its own
 * @param dropLast whether an incomplete last batch is left out
 */
record BatchPlan(int[] members, int batchSize, long seed, boolean shuffle, boolean dropLast) {

    /** Number of batches in an epoch. */
    int batches() {
        return dropLast ? members.length / batchSize : (members.length + batchSize - 1) / batchSize;
    }

    /** Number of pictures in an epoch. */
    int pictures() {
        return dropLast ? batches() * batchSize : members.length;
    }

    /** Positions in {@link #members} in the order of an epoch. */
    int[] order(int epoch) {
        return shuffle
                ? DatasetSplit.shuffled(members.length, new SplittableRandom(Seeds.mix(seed, epoch)))
                : IntStream.range(0, members.length).toArray();
    }

    /** What the augmentation of a picture is drawn from, by its index in the data set. */
    SplittableRandom random(int epoch, int index) {
        return new SplittableRandom(Seeds.mix(Seeds.mix(seed, epoch), index));
    }
}
