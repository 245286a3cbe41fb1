package io.udc.sr;

import io.udc.data.Batch;
import io.udc.data.Examples;
import io.udc.data.Prefetcher;
import io.udc.data.Seeds;
import io.udc.image.Picture;
import io.udc.memory.StepScope;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Draws random aligned patches of luma from a {@link SrDataset}, one of the eight flips and rotations each,
 * prepared by background threads. A picture is drawn with the probability of its share of all pixels. Batches
 * depend on (seed, epoch, number of the batch) alone, never on the number of threads. One consumer at a time:
 * not thread-safe.
 */
public final class PatchLoader implements Examples {

    private final SrDataset dataset;
    private final int patch;
    private final int batchSize;
    private final int batches;
    private final long seed;
    private final long[] cumulativePixels;
    private final Prefetcher<Batch> prefetcher;

    /**
     * Starts the threads.
     *
     * @param patch side of the low-resolution patch in pixels; every reduction must be at least as large
     * @param batchSize patches per batch, at least 1
     * @param batches batches per epoch, at least 1
     * @param threads background threads, at least 1
     * @param prefetch batches prepared ahead, at least 1
     */
    public PatchLoader(SrDataset dataset, int patch, int batchSize, int batches, long seed, int threads, int prefetch) {
        for (SrPicture picture : dataset.pictures()) {
            if (Math.min(picture.low().height(), picture.low().width()) < patch) {
                throw new IllegalArgumentException(picture.name() + " is smaller than a patch of " + patch);
            }
        }
        if (patch < 1 || batchSize < 1 || batches < 1) {
            throw new IllegalArgumentException("patch, batchSize and batches must be at least 1");
        }
        this.dataset = dataset;
        this.patch = patch;
        this.batchSize = batchSize;
        this.batches = batches;
        this.seed = seed;
        cumulativePixels = new long[dataset.pictures().size()];
        long sum = 0;
        for (int i = 0; i < cumulativePixels.length; i++) {
            sum += dataset.pictures().get(i).low().shape().elements();
            cumulativePixels[i] = sum;
        }
        prefetcher = new Prefetcher<>(threads, prefetch);
    }

    @Override
    public int batches() {
        return batches;
    }

    @Override
    public Iterable<Batch> epoch(int epoch) {
        return () -> prefetcher.start(
                batches, (number, unwanted) -> make(Seeds.mix(Seeds.mix(seed, epoch), number)));
    }

    @Override
    public double waitShare() {
        return prefetcher.waitShare();
    }

    @Override
    public void close() {
        prefetcher.close();
    }

    private Batch make(long batchSeed) {
        int side = patch * dataset.scale();
        try (StepScope scope = StepScope.open()) {
            Tensor low = empty(patch);
            Tensor high = empty(side);
            ByteBuffer lowBytes = memory(low, patch);
            ByteBuffer highBytes = memory(high, side);
            byte[] lowPatch = new byte[patch * patch];
            byte[] highPatch = new byte[side * side];
            SplittableRandom random = new SplittableRandom(batchSeed);
            for (int i = 0; i < batchSize; i++) {
                SrPicture picture = draw(random);
                int x = random.nextInt(picture.low().width() - patch + 1);
                int y = random.nextInt(picture.low().height() - patch + 1);
                int turn = random.nextInt(8);
                copyTurned(picture.low(), x, y, patch, turn, lowPatch);
                copyTurned(picture.high(), x * dataset.scale(), y * dataset.scale(), side, turn, highPatch);
                lowBytes.put(lowPatch);
                highBytes.put(highPatch);
            }
            return new Batch(scope.keep(low), scope.keep(high));
        }
    }

    private SrPicture draw(SplittableRandom random) {
        long pixel = random.nextLong(cumulativePixels[cumulativePixels.length - 1]);
        int found = Arrays.binarySearch(cumulativePixels, pixel);
        return dataset.pictures().get(found < 0 ? -found - 1 : found + 1);
    }

    private Tensor empty(int side) {
        TensorOptions bytes = new TensorOptions(torch.ScalarType.Byte);
        return torch.empty(new long[] {batchSize, 1, side, side}, bytes, new MemoryFormatOptional());
    }

    private ByteBuffer memory(Tensor tensor, int side) {
        return tensor.data_ptr().capacity((long) batchSize * side * side).asByteBuffer();
    }

    /** Copies a square of a grey picture; bit 0 of turn mirrors columns, bit 1 rows, bit 2 swaps the two. */
    static void copyTurned(Picture picture, int x, int y, int side, int turn, byte[] target) {
        int columnStep = (turn & 1) == 0 ? 1 : -1;
        int rowStep = (turn & 2) == 0 ? picture.width() : -picture.width();
        int start = (y + ((turn & 2) == 0 ? 0 : side - 1)) * picture.width() + x
                + ((turn & 1) == 0 ? 0 : side - 1);
        int across = (turn & 4) == 0 ? columnStep : rowStep;
        int down = (turn & 4) == 0 ? rowStep : columnStep;
        byte[] source = picture.planes();
        for (int row = 0; row < side; row++) {
            int from = start + row * down;
            for (int column = 0; column < side; column++, from += across) {
                target[row * side + column] = source[from];
            }
        }
    }
}
