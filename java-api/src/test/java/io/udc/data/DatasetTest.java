package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.memory.StepScope;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class DatasetTest {

    @Test
    void shapesDependOnTheSeedAloneAndClassesTakeTurns() throws Exception {
        ForkJoinPool one = new ForkJoinPool(1);
        ImageDataset a = one.submit(() -> ShapesDataset.draw("a", 150, 7)).get();
        one.shutdown();
        ImageDataset b = ShapesDataset.draw("b", 200, 7);
        ImageDataset other = ShapesDataset.draw("other", 150, 8);
        byte[] x = new byte[3072];
        byte[] y = new byte[3072];
        for (int i = 0; i < a.size(); i++) {
            a.read(i, x, 0);
            b.read(i, y, 0);
            assertArrayEquals(x, y, "picture " + i);
            other.read(i, y, 0);
            assertFalse(Arrays.equals(x, y), "picture " + i);
            assertEquals(i % 10, a.label(i));
        }
        assertEquals(10, a.classNames().size());
        assertEquals("circle", a.classNames().get(0));
    }

    @Test
    void shapesTrainAndTestDiffer() {
        ClassificationData data =
                ClassificationData.open("shapes", null, DataOptions.defaults().withShapes(20, 10));
        byte[] x = new byte[3072];
        byte[] y = new byte[3072];
        data.train().read(3, x, 0);
        data.test().read(3, y, 0);
        assertFalse(Arrays.equals(x, y));
    }

    @Test
    void splitIsStratifiedCompleteAndRepeatable() {
        ImageDataset data = NumberedDataset.of(300);
        int[][] parts = DatasetSplit.split(data, 0.2, 3);
        assertEquals(240, parts[0].length);
        for (int label = 0; label < 3; label++) {
            int wanted = label;
            assertEquals(20, IntStream.of(parts[1]).filter(i -> data.label(i) == wanted).count());
        }
        int[] together = IntStream.concat(IntStream.of(parts[0]), IntStream.of(parts[1])).sorted().toArray();
        assertArrayEquals(IntStream.range(0, 300).toArray(), together);
        assertArrayEquals(parts[1], DatasetSplit.split(data, 0.2, 3)[1]);
        assertFalse(Arrays.equals(parts[1], DatasetSplit.split(data, 0.2, 4)[1]));
        assertEquals(0, DatasetSplit.split(data, 0, 1)[1].length);
        assertThrows(IllegalArgumentException.class, () -> DatasetSplit.split(data, 1.5, 1));
    }

    @Test
    void normalizationPoolsTheChannels() {
        Normalization even = Normalization.of(new double[] {.5, .5}, new double[] {.25, .25});
        assertEquals(0, even.zeroPoint());
        assertEquals(1 / (255 * .25), even.scale(), 1e-12);
        Normalization uneven = Normalization.of(new double[] {.4, .6}, new double[] {.3, .3});
        assertEquals(1 / (255 * Math.sqrt(.09 + .01)), uneven.scale(), 1e-12);
        assertThrows(IllegalArgumentException.class, () -> new Normalization(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Normalization(1, 128));
    }

    @Test
    @SuppressWarnings("try")
    void toFloatIsScaleTimesQMinusZeroPoint() {
        Normalization normalization = new Normalization(0.0156, -7);
        try (StepScope scope = StepScope.open()) {
            byte[] pixels = {0, 1, 127, (byte) 128, (byte) 200, (byte) 255};
            Tensor images = AbstractTensor.create(pixels, 1, 1, 2, 3).to(torch.ScalarType.Byte);
            FloatBuffer real = normalization.toFloat(images).createBuffer();
            for (byte pixel : pixels) {
                int q = (pixel & 0xff) - 128;
                assertEquals((float) 0.0156 * (q + 7), real.get(), 1e-6);
            }
        }
    }

    @Test
    void defaultsAreWhatTheBuiltInTaskUses() {
        assertTrue(ClassificationData.TASKS.containsAll(java.util.List.of("shapes", "cifar100")));
        assertThrows(IllegalArgumentException.class, () -> DataOptions.defaults().withImageSize(4));
    }
}
