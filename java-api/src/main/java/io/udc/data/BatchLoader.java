package io.udc.data;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Reads a data set in batches that background threads prepare ahead of the consumer.
 *
 * <pre>{@code
 * try (BatchLoader loader = BatchLoader.builder(data.train()).setBatchSize(128).optShuffle(true).build()) {
 *     for (Batch batch : loader.epoch(0)) {
 *         try (batch; StepScope step = StepScope.open()) { ... }
 *     }
 * }
 * }</pre>
 *
 * <p>The batches of an epoch depend on (seed, epoch) alone, never on the number of threads: the order comes from one
 * generator per epoch and the augmentation from one per (epoch, picture). The consumer owns each batch and closes it;
 * a batch is made on another thread, so the consumer's scope does not know it. Batches that were prepared but never
 * handed out are freed by the next {@link #epoch} or by {@link #close}.
 *
 * <p>One consumer at a time: not thread-safe.
 */
public final class BatchLoader implements AutoCloseable {

    private final ImageDataset dataset;
    private final int[] indices;
    private final int batchSize;
    private final Augmentation augmentation;
    private final long seed;
    private final boolean shuffle;
    private final boolean dropLast;
    private final int prefetch;
    private final ExecutorService workers;
    private final WaitClock clock = new WaitClock();
    private Epoch current;

    private BatchLoader(Builder builder) {
        dataset = builder.dataset;
        indices = builder.indices == null ? IntStream.range(0, dataset.size()).toArray() : builder.indices.clone();
        batchSize = builder.batchSize;
        augmentation = builder.augmentation;
        seed = builder.seed;
        shuffle = builder.shuffle;
        dropLast = builder.dropLast;
        prefetch = builder.prefetch;
        workers = Executors.newFixedThreadPool(builder.threads, BatchLoader::daemon);
    }

    public static Builder builder(ImageDataset dataset) {
        return new Builder(dataset);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "udc-batch-loader");
        thread.setDaemon(true);
        return thread;
    }

    /** Number of batches in an epoch. */
    public int batches() {
        return dropLast ? indices.length / batchSize : (indices.length + batchSize - 1) / batchSize;
    }

    /**
     * The batches of one epoch. Every call of {@code iterator()} starts the epoch anew and ends the one before.
     *
     * @throws io.udc.InputException from {@code next()} if a picture can't be read
     */
    public Iterable<Batch> epoch(int epoch) {
        return () -> {
            endEpoch();
            current = new Epoch(epoch);
            return current;
        };
    }

    /** Share of the consumer's time, 0 to 1, that it waited in {@code next()}; over all epochs so far. */
    public double waitShare() {
        return clock.share();
    }

    /** Frees prefetched batches and stops the threads. */
    @Override
    public void close() {
        endEpoch();
        workers.shutdownNow();
    }

    private void endEpoch() {
        if (current != null) {
            current.end();
            current = null;
        }
    }

    /** One pass: at most {@code prefetch} batches are under way or ready at any time. */
    private final class Epoch implements Iterator<Batch> {

        private final int epoch;
        private final int[] order;
        private final Deque<Future<Batch>> ahead = new ArrayDeque<>();
        private int submitted;
        private volatile boolean ended;

        Epoch(int epoch) {
            this.epoch = epoch;
            order = shuffle ? shuffledIndices(epoch) : indices;
            clock.resume();
            fill();
        }

        @Override
        public boolean hasNext() {
            clock.seen();
            return !ahead.isEmpty();
        }

        @Override
        public Batch next() {
            if (ahead.isEmpty()) {
                throw new NoSuchElementException();
            }
            clock.waitBegins();
            try {
                Batch batch = ahead.remove().get();
                fill();
                return batch;
            } catch (ExecutionException e) {
                throw rethrown(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CancellationException("interrupted while waiting for a batch");
            } finally {
                clock.waitEnds();
            }
        }

        private void fill() {
            while (ahead.size() < prefetch && submitted < batches()) {
                int first = submitted++ * batchSize;
                int[] members = Arrays.copyOfRange(order, first, Math.min(first + batchSize, order.length));
                ahead.add(workers.submit(() -> assemble(members)));
            }
        }

        private Batch assemble(int[] members) {
            try (BatchBuffer buffer = new BatchBuffer(dataset.imageShape(), members.length)) {
                for (int index : members) {
                    if (ended) {
                        throw new CancellationException();
                    }
                    SplittableRandom random = new SplittableRandom(Seeds.mix(Seeds.mix(seed, epoch), index));
                    buffer.add(dataset, index, augmentation, random);
                }
                return buffer.finish();
            }
        }

        private RuntimeException rethrown(Throwable cause) {
            end();
            if (cause instanceof Error error) {
                throw error;
            }
            return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
        }

        /** Waits for the batches under way and frees what nobody received. */
        private void end() {
            ended = true;
            clock.pause();
            for (Future<Batch> future : ahead) {
                try {
                    future.get().close();
                } catch (ExecutionException e) {
                    continue; // nothing was made, and nobody asked for it
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            ahead.clear();
        }
    }

    private int[] shuffledIndices(int epoch) {
        int[] order = DatasetSplit.shuffled(indices.length, new SplittableRandom(Seeds.mix(seed, epoch)));
        return Arrays.stream(order).map(i -> indices[i]).toArray();
    }

    /** Collects what a loader needs; {@code setBatchSize} is required. */
    public static final class Builder {

        private final ImageDataset dataset;
        private int[] indices;
        private int batchSize;
        private Augmentation augmentation = new Augmentation.None();
        private long seed;
        private boolean shuffle;
        private boolean dropLast;
        private int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private int prefetch = 4;

        private Builder(ImageDataset dataset) {
            this.dataset = dataset;
        }

        /** Pictures per batch, at least 1. */
        public Builder setBatchSize(int pictures) {
            batchSize = pictures;
            return this;
        }

        /** The pictures to read, in this order when not shuffled; all of them when left out. */
        public Builder optIndices(int[] chosen) {
            indices = chosen;
            return this;
        }

        /** How pictures are changed; not at all when left out. */
        public Builder optAugmentation(Augmentation chosen) {
            augmentation = chosen;
            return this;
        }

        /** Where order and augmentation start from; 0 when left out. */
        public Builder optSeed(long value) {
            seed = value;
            return this;
        }

        /** Whether each epoch has an order of its own; false when left out. */
        public Builder optShuffle(boolean value) {
            shuffle = value;
            return this;
        }

        /** Whether an incomplete last batch is left out; false when left out. */
        public Builder optDropLast(boolean value) {
            dropLast = value;
            return this;
        }

        /** Background threads, at least 1; half the processors when left out. */
        public Builder optThreads(int count) {
            threads = count;
            return this;
        }

        /** Batches prepared ahead, at least 1; 4 when left out. */
        public Builder optPrefetch(int batches) {
            prefetch = batches;
            return this;
        }

        public BatchLoader build() {
            atLeastOne("batchSize", batchSize);
            atLeastOne("threads", threads);
            atLeastOne("prefetch", prefetch);
            return new BatchLoader(this);
        }

        private static void atLeastOne(String field, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(field + ": found " + value + ", expected at least 1");
            }
        }
    }
}
