package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.memory.StepScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class BatchLoaderTest {

    private static byte[] bytes(Tensor tensor) {
        byte[] values = new byte[(int) tensor.numel()];
        tensor.data_ptr().capacity(values.length).asByteBuffer().get(values);
        return values;
    }

    private static long[] labels(Batch batch) {
        long[] values = new long[batch.size()];
        batch.targets().<java.nio.LongBuffer>createBuffer().get(values);
        return values;
    }

    private static List<byte[]> epochs(int threads, int prefetch, long seed) {
        List<byte[]> seen = new ArrayList<>();
        BatchLoader.Builder builder = BatchLoader.builder(NumberedDataset.of(50))
                .setBatchSize(7)
                .optAugmentation(new Augmentation.PadCropFlip(2).withCutout(2))
                .optSeed(seed)
                .optShuffle(true)
                .optThreads(threads)
                .optPrefetch(prefetch);
        try (BatchLoader loader = builder.build()) {
            for (int epoch = 0; epoch < 2; epoch++) {
                for (Batch batch : loader.epoch(epoch)) {
                    try (batch) {
                        seen.add(bytes(batch.images()));
                    }
                }
            }
        }
        return seen;
    }

    @Test
    @SuppressWarnings("try")
    void picturesAndLabelsArriveInOrderAndUnchanged() {
        Shape shape = new Shape(3, 6, 5);
        int[] indices = {4, 2, 9, 0, 7};
        try (BatchLoader loader =
                BatchLoader.builder(NumberedDataset.of(10)).setBatchSize(2).optIndices(indices).build()) {
            assertEquals(3, loader.batches());
            int next = 0;
            for (Batch batch : loader.epoch(0)) {
                try (batch; StepScope scope = StepScope.open()) {
                    assertArrayEquals(new long[] {batch.size(), 3, 6, 5}, batch.images().shape());
                    byte[] pixels = bytes(batch.images());
                    for (int i = 0; i < batch.size(); i++, next++) {
                        assertEquals(indices[next] % 3, labels(batch)[i]);
                        for (int p = 0; p < shape.elements(); p++) {
                            assertEquals(NumberedDataset.pixel(indices[next], p),
                                    pixels[(int) (i * shape.elements()) + p]);
                        }
                    }
                }
            }
            assertEquals(indices.length, next);
            assertTrue(loader.waitShare() >= 0 && loader.waitShare() <= 1);
        }
    }

    @Test
    void sameSeedSameBatchesWhateverTheThreads() {
        List<byte[]> one = epochs(1, 1, 5);
        List<byte[]> many = epochs(4, 6, 5);
        assertEquals(16, one.size());
        for (int i = 0; i < one.size(); i++) {
            assertArrayEquals(one.get(i), many.get(i), "batch " + i);
        }
        assertFalse(Arrays.equals(one.get(0), one.get(8)), "epochs must differ");
        assertFalse(Arrays.equals(one.get(0), epochs(1, 1, 6).get(0)), "seeds must differ");
    }

    @Test
    void shuffledEpochVisitsEveryPictureOnce() {
        try (BatchLoader loader = BatchLoader.builder(new NumberedDataset(40, new Shape(1, 1, 1), -1))
                .setBatchSize(16)
                .optShuffle(true)
                .build()) {
            List<Integer> seen = new ArrayList<>();
            for (Batch batch : loader.epoch(3)) {
                try (batch) {
                    for (byte pixel : bytes(batch.images())) {
                        seen.add((int) pixel);
                    }
                }
            }
            List<Integer> all =
                    IntStream.range(0, 40).mapToObj(i -> (int) NumberedDataset.pixel(i, 0)).sorted().toList();
            assertFalse(seen.equals(all));
            assertEquals(all, seen.stream().sorted().toList());
        }
    }

    @Test
    void dropLastLeavesOutTheIncompleteBatch() {
        try (BatchLoader loader =
                BatchLoader.builder(NumberedDataset.of(10)).setBatchSize(4).optDropLast(true).build()) {
            List<Integer> sizes = new ArrayList<>();
            for (Batch batch : loader.epoch(0)) {
                try (batch) {
                    sizes.add(batch.size());
                }
            }
            assertEquals(List.of(4, 4), sizes);
            assertEquals(2, loader.batches());
        }
    }

    @Test
    void failureOfAWorkerReachesTheConsumer() {
        NumberedDataset broken = new NumberedDataset(30, new Shape(3, 6, 5), 17);
        try (BatchLoader loader = BatchLoader.builder(broken).setBatchSize(5).optThreads(3).build()) {
            InputException e = assertThrows(InputException.class, () -> {
                for (Batch batch : loader.epoch(0)) {
                    batch.close();
                }
            });
            assertEquals("picture 17: broken", e.getMessage());
        }
    }

    @Test
    @SuppressWarnings("try")
    void scopeOfTheConsumerDoesNotFreeABatch() {
        try (BatchLoader loader = BatchLoader.builder(NumberedDataset.of(4)).setBatchSize(4).build()) {
            Iterator<Batch> batches = loader.epoch(0).iterator();
            Batch batch;
            try (StepScope scope = StepScope.open()) {
                batch = batches.next();
            }
            try (batch) {
                assertArrayEquals(new long[] {0, 1, 2, 0}, labels(batch));
            }
            assertTrue(batch.images().isNull());
        }
    }

    @Test
    void nativeMemoryIsFlatOverEpochsThatAreAbandoned() {
        try (BatchLoader loader =
                BatchLoader.builder(NumberedDataset.of(64)).setBatchSize(4).optThreads(2).build()) {
            long before = 0;
            for (int epoch = 0; epoch < 60; epoch++) {
                loader.epoch(epoch).iterator().next().close();
                if (epoch == 9) {
                    before = settledPointers(loader);
                }
            }
            long left = settledPointers(loader) - before;
            assertTrue(left <= 0, () -> left + " native pointers left behind");
        }
    }

    /** Number of native pointers that JavaCPP tracks once nothing is under way. */
    private static long settledPointers(BatchLoader loader) {
        for (Batch batch : loader.epoch(0)) {
            batch.close();
        }
        return Pointer.totalCount();
    }

    @Test
    void wrongNumbersAreRefused() {
        BatchLoader.Builder builder = BatchLoader.builder(NumberedDataset.of(4));
        assertThrows(IllegalArgumentException.class, builder::build);
        assertThrows(IllegalArgumentException.class, () -> builder.setBatchSize(1).optThreads(0).build());
    }
}
