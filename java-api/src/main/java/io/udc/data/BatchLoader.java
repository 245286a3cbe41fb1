package io.udc.data;

import io.udc.device.Device;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
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
 * <p>The batches of an epoch depend on (seed, epoch) alone, never on the number of threads: the order comes
 * from one generator per epoch and the augmentation from one per (epoch, picture). The consumer owns each
 * batch and closes it; a batch is made on another thread, so the consumer's scope does not know it. Batches
 * that were prepared but never handed out are freed by the next {@link #epoch} or by {@link #close}.
 *
 * <p>One consumer at a time: not thread-safe.
 */
public final class BatchLoader implements Examples {

    private final ImageDataset dataset;
    private final BatchPlan plan;
    private final Augmentation augmentation;
    private final Prefetcher<Batch> prefetcher;

    private BatchLoader(Builder builder) {
        dataset = builder.dataset;
        plan = builder.plan();
        augmentation = builder.augmentation;
        prefetcher = new Prefetcher<>(builder.threads, builder.prefetch);
    }

    public static Builder builder(ImageDataset dataset) {
        return new Builder(dataset);
    }

    @Override
    public int batches() {
        return plan.batches();
    }

    @Override
    public Iterable<Batch> epoch(int epoch) {
        return () -> {
            int[] order = plan.order(epoch);
            return prefetcher.start(batches(), (number, unwanted) -> {
                int first = number * plan.batchSize();
                int last = Math.min(first + plan.batchSize(), order.length);
                return assemble(epoch, Arrays.copyOfRange(order, first, last), unwanted);
            });
        };
    }

    @Override
    public double waitShare() {
        return prefetcher.waitShare();
    }

    @Override
    public void close() {
        prefetcher.close();
    }

    private Batch assemble(int epoch, int[] positions, BooleanSupplier unwanted) {
        try (BatchBuffer buffer = new BatchBuffer(dataset.imageShape(), positions.length)) {
            for (int position : positions) {
                if (unwanted.getAsBoolean()) {
                    throw new CancellationException();
                }
                int index = plan.members()[position];
                buffer.add(dataset, index, augmentation, plan.random(epoch, index));
            }
            return buffer.finish();
        }
    }

    /** Collects what a loader needs; {@code setBatchSize} is required. */
    public static final class Builder {

        /** More is read from main memory, batch by batch. */
        private static final long MOST_RESIDENT_BYTES = 1L << 30;

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
            return new BatchLoader(this);
        }

        /**
         * The same batches for training on a device: from its own memory where the pictures lie in main memory as a
         * whole and fit a GPU easily, else as {@link #build}.
         */
        public Examples buildFor(Device device) {
            boolean small = dataset.isInMemory()
                    && dataset.size() * dataset.imageShape().elements() <= MOST_RESIDENT_BYTES;
            return device.isCuda() && small && BatchAugmentation.covers(augmentation) ? buildOn(device) : build();
        }

        /** The same batches from the memory of a device, which must hold all pictures. */
        Examples buildOn(Device device) {
            return new ResidentLoader(dataset, plan(), augmentation, device);
        }

        private BatchPlan plan() {
            if (batchSize < 1) {
                throw new IllegalArgumentException("batchSize: found " + batchSize + ", expected at least 1");
            }
            int[] members = indices == null ? IntStream.range(0, dataset.size()).toArray() : indices.clone();
            return new BatchPlan(members, batchSize, seed, shuffle, dropLast);
        }
    }
}
