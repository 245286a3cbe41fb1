package io.udc.search.bench;

/**
 * One executor on one network.
 *
 * @param network name
 * @param executor which, with its code path
 * @param macs multiply-accumulates of one picture
 * @param picturesPerSecond on one thread, median of the rounds
 * @param threads all that the machine runs at a time
 * @param picturesPerSecondAll on all threads, each with its own pictures, median of the rounds
 * @param firstPictureMilliseconds opening the file's bytes and running one picture, median
 * @param sessionBytes memory of one session beside the model; -1 if the executor does not say
 * @param differingValues share of the output values that are not the integer network's
 */
public record ExecutorTiming(
        String network,
        String executor,
        long macs,
        double picturesPerSecond,
        int threads,
        double picturesPerSecondAll,
        double firstPictureMilliseconds,
        long sessionBytes,
        double differingValues) {}
