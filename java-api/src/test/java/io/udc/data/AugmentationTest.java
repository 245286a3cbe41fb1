package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Shape;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {

    private static final Shape SHAPE = new Shape(2, 5, 7);

    private static byte[] randomPlanes(long seed) {
        byte[] planes = new byte[(int) SHAPE.elements()];
        new Random(seed).nextBytes(planes);
        return planes;
    }

    private static int at(byte[] planes, int channel, int y, int x) {
        boolean inside = y >= 0 && y < SHAPE.height() && x >= 0 && x < SHAPE.width();
        return inside ? planes[(channel * SHAPE.height() + y) * SHAPE.width() + x] : 0;
    }

    @Test
    void shiftAgreesWithItsDefinitionForEveryOffset() {
        byte[] source = randomPlanes(1);
        byte[] target = new byte[source.length + 3];
        for (int dy = -6; dy <= 6; dy++) {
            for (int dx = -8; dx <= 8; dx++) {
                for (boolean mirror : new boolean[] {false, true}) {
                    Planes.shift(source, SHAPE, dx, dy, mirror, target, 3);
                    for (int i = 0; i < source.length; i++) {
                        int channel = i / 35;
                        int y = i % 35 / 7;
                        int x = mirror ? 6 - i % 7 : i % 7;
                        assertEquals(at(source, channel, y + dy, x + dx), target[3 + i], dx + " " + dy + " "
                                + mirror);
                    }
                }
            }
        }
    }

    @Test
    void stretchOfTheWholePictureChangesNothing() {
        byte[] source = randomPlanes(2);
        byte[] target = new byte[source.length];
        Planes.stretch(source, SHAPE, new Crop(0, 0, 7, 5), target, 0);
        assertArrayEquals(source, target);
    }

    @Test
    void stretchAgreesWithFloatingPoint() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        byte[] source = randomPlanes(seed);
        byte[] target = new byte[source.length];
        for (int trial = 0; trial < 50; trial++) {
            int w = 1 + random.nextInt(7);
            int h = 1 + random.nextInt(5);
            Crop crop = new Crop(random.nextInt(8 - w), random.nextInt(6 - h), w, h);
            Planes.stretch(source, SHAPE, crop, target, 0);
            for (int i = 0; i < source.length; i++) {
                double x = Math.max(0, Math.min(w - 1, (i % 7 + 0.5) * w / 7 - 0.5));
                double y = Math.max(0, Math.min(h - 1, (i % 35 / 7 + 0.5) * h / 5 - 0.5));
                assertEquals(bilinear(source, i / 35, crop, y, x), target[i] & 0xff, 1, "seed " + seed + " "
                        + crop);
            }
        }
    }

    private static double bilinear(byte[] source, int channel, Crop crop, double y, double x) {
        double sum = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                int row = Math.min((int) y + dy, crop.height() - 1);
                int column = Math.min((int) x + dx, crop.width() - 1);
                double weight = Math.abs(1 - dy - (y - (int) y)) * Math.abs(1 - dx - (x - (int) x));
                sum += weight * (at(source, channel, crop.y() + row, crop.x() + column) & 0xff);
            }
        }
        return sum;
    }

    @Test
    void cutoutGreysOneSquareInEveryPlane() {
        ImageDataset data = new NumberedDataset(1, new Shape(3, 9, 9), -1);
        Augmentation cutout = new Augmentation.None().withCutout(4);
        byte[] plain = new byte[243];
        byte[] cut = new byte[243];
        data.read(0, plain, 0);
        boolean whole = false;
        for (int seed = 0; seed < 40; seed++) {
            cutout.read(data, 0, new SplittableRandom(seed), cut, 0);
            int changed = 0;
            for (int i = 0; i < cut.length; i++) {
                assertTrue(cut[i] == plain[i] || cut[i] == (byte) 128);
                changed += cut[i] == (byte) 128 && plain[i] != (byte) 128 ? 1 : 0;
            }
            assertTrue(changed <= 3 * 16);
            whole |= changed >= 3 * 16 - 1;
        }
        assertTrue(whole, "no square lay wholly inside in 40 trials");
    }

    @Test
    void wrongParametersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.PadCropFlip(-1));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.RandomResizedCrop(0));
        assertThrows(IllegalArgumentException.class, () -> new Augmentation.None().withCutout(-3));
    }
}
