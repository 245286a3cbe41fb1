package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;

class ResidentLoaderTest {

    private final ImageDataset dataset = ShapesDataset.draw("shapes", 40, 3);

    private static final List<Augmentation> COVERED = List.of(
            new Augmentation.None(),
            new Augmentation.PadCropFlip(0),
            new Augmentation.PadCropFlip(4),
            new Augmentation.None().withCutout(5),
            new Augmentation.PadCropFlip(3).withCutout(8));

    private BatchLoader.Builder builder(Augmentation augmentation, long seed) {
        return BatchLoader.builder(dataset)
                .setBatchSize(7)
                .optIndices(IntStream.range(0, 31).map(i -> 39 - i).toArray())
                .optAugmentation(augmentation)
                .optSeed(seed)
                .optShuffle(true);
    }

    @Test
    void theBatchesAreThoseOfTheLoaderFromMainMemory() {
        long seed = new Random().nextLong();
        for (Augmentation augmentation : COVERED) {
            for (boolean dropLast : new boolean[] {false, true}) {
                BatchLoader.Builder builder = builder(augmentation, seed).optDropLast(dropLast);
                try (Examples host = builder.build();
                        Examples resident = builder.buildOn(Device.CPU)) {
                    for (int epoch = 0; epoch < 2; epoch++) {
                        assertSameBatches(host, resident, epoch, augmentation + ", seed " + seed);
                    }
                }
            }
        }
    }

    private static void assertSameBatches(Examples host, Examples resident, int epoch, String what) {
        assertEquals(host.batches(), resident.batches());
        Iterator<Batch> others = resident.epoch(epoch).iterator();
        for (Batch batch : host.epoch(epoch)) {
            try (batch;
                    Batch other = others.next();
                    StepScope scope = StepScope.open()) {
                assertTrue(batch.images().equal(other.images()), what);
                assertTrue(batch.targets().equal(other.targets()), what);
            }
        }
        assertFalse(others.hasNext());
        assertThrows(NoSuchElementException.class, others::next);
    }

    @Test
    void nothingIsLeftBehindWhenEpochsEndEarly() {
        long before = Pointer.totalBytes();
        try (Examples resident = builder(COVERED.get(4), 1).buildOn(Device.CPU)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                resident.epoch(epoch).iterator().next().close();
            }
            assertTrue(resident.waitShare() >= 0 && resident.waitShare() <= 1);
        }
        // Less is no leak: the collector may free what an earlier test left behind.
        assertTrue(Pointer.totalBytes() <= before, () -> Pointer.totalBytes() - before + " bytes left behind");
    }

    @Test
    void cropsOfTheOriginalPicturesAreNotCovered() {
        assertFalse(BatchAugmentation.covers(new Augmentation.RandomResizedCrop(0.5)));
        assertFalse(BatchAugmentation.covers(new Augmentation.RandomResizedCrop(0.5).withCutout(4)));
        COVERED.forEach(augmentation -> assertTrue(BatchAugmentation.covers(augmentation)));
    }
}
