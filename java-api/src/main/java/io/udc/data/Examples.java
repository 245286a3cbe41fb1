package io.udc.data;

/**
 * Training examples in batches, epoch after epoch, prepared ahead by background threads. The batches of an epoch
 * depend on its number and on a seed alone. The consumer owns each batch and closes it. One consumer at a time: not
 * thread-safe.
 */
public interface Examples extends AutoCloseable {

    /** Number of batches in an epoch. */
    int batches();

    /**
     * The batches of one epoch. Every call of {@code iterator()} starts the epoch anew and ends the one before.
     *
     * @throws io.udc.InputException from {@code next()} if a picture can't be read
     */
    Iterable<Batch> epoch(int epoch);

    /** Share of the consumer's time, 0 to 1, that it waited in {@code next()}; over all epochs so far. */
    double waitShare();

    /** Frees prefetched batches and stops the threads. */
    @Override
    void close();
}
