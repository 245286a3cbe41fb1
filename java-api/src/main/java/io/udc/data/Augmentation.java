package io.udc.data;

import io.udc.arch.Shape;
import java.util.SplittableRandom;

/**
 * How a picture is read for training: as it is, or changed at random without changing its class. Works on
 * 8-bit planes, before normalisation. Immutable.
 */
public sealed interface Augmentation {

    /**
     * Reads picture {@code index} and writes the changed planes to {@code target[offset]} and on.
     *
     * @param random the only source of chance, so that the caller decides what repeats
     */
    void read(ImageDataset dataset, int index, SplittableRandom random, byte[] target, int offset);

    /** The same, with a square of {@code size} pixels greyed out afterwards; see {@link Cutout}. */
    default Augmentation withCutout(int size) {
        return size == 0 ? this : new Cutout(this, size);
    }

    /**
     * A move by (dx, dy), and whether the result is mirrored.
     *
     * @param dx columns
     * @param dy rows
     */
    record Move(int dx, int dy, boolean mirror) {}

    /** The upper left corner of a square, which may lie outside of the picture. */
    record Corner(int x, int y) {}

    /** Pictures as they are. */
    record None() implements Augmentation {

        @Override
        public void read(
                ImageDataset dataset, int index, SplittableRandom random, byte[] target, int offset) {
            dataset.read(index, target, offset);
        }
    }

    /**
     * The usual recipe for CIFAR: black borders of {@code pad} pixels, a crop of the old extent at a random
     * place, and a mirror image in half of the cases.
     *
     * @param pad border in pixels, 0 to the shorter side
     */
    record PadCropFlip(int pad) implements Augmentation {

        public PadCropFlip {
            if (pad < 0) {
                throw new IllegalArgumentException("pad: found " + pad + ", expected at least 0");
            }
        }

        /** The next picture's place. */
        Move draw(SplittableRandom random) {
            int dx = random.nextInt(2 * pad + 1) - pad;
            int dy = random.nextInt(2 * pad + 1) - pad;
            return new Move(dx, dy, random.nextBoolean());
        }

        @Override
        public void read(
                ImageDataset dataset, int index, SplittableRandom random, byte[] target, int offset) {
            Shape shape = dataset.imageShape();
            byte[] whole = new byte[Math.toIntExact(shape.elements())];
            dataset.read(index, whole, 0);
            Move move = draw(random);
            Planes.shift(whole, shape, move.dx(), move.dy(), move.mirror(), target, offset);
        }
    }

    /**
     * The usual recipe for ImageNet: a random part of the original picture, aspect ratio 3:4 to 4:3,
     * stretched to the data set's shape, and a mirror image in half of the cases.
     *
     * @param minArea smallest share of the picture's area, above 0 and at most 1 (0.08 is usual for large
     *     networks, 0.25 to 0.5 suits small ones)
     */
    record RandomResizedCrop(double minArea) implements Augmentation {

        private static final int TRIALS = 10;
        private static final double LOG_ASPECT = Math.log(4.0 / 3.0);

        public RandomResizedCrop {
            if (!(minArea > 0 && minArea <= 1)) {
                throw new IllegalArgumentException(
                        "minArea: found " + minArea + ", expected above 0 and at most 1");
            }
        }

        @Override
        public void read(
                ImageDataset dataset, int index, SplittableRandom random, byte[] target, int offset) {
            dataset.readCrop(index, (width, height) -> choose(width, height, random), target, offset);
            if (random.nextBoolean()) {
                Planes.mirror(target, offset, dataset.imageShape());
            }
        }

        /** A rectangle that fits, or after too many trials the centred square. */
        private Crop choose(int width, int height, SplittableRandom random) {
            for (int trial = 0; trial < TRIALS; trial++) {
                double area = (minArea + (1 - minArea) * random.nextDouble()) * width * height;
                double aspect = Math.exp((2 * random.nextDouble() - 1) * LOG_ASPECT);
                int w = (int) Math.round(Math.sqrt(area * aspect));
                int h = (int) Math.round(Math.sqrt(area / aspect));
                if (w >= 1 && h >= 1 && w <= width && h <= height) {
                    return new Crop(random.nextInt(width - w + 1), random.nextInt(height - h + 1), w, h);
                }
            }
            return Crop.centredSquare(width, height, 1);
        }
    }

    /**
     * Greys out a square with its centre anywhere in the picture, after another augmentation (DeVries and
     * Taylor, arXiv 1708.04552).
     *
     * @param before what happens first
     * @param size side of the square in pixels, at least 1
     */
    record Cutout(Augmentation before, int size) implements Augmentation {

        /** The grey. */
        static final int MIDDLE = 128;

        public Cutout {
            if (size < 1) {
                throw new IllegalArgumentException("cutout: found " + size + ", expected at least 1");
            }
        }

        /** The next picture's square. */
        Corner draw(Shape shape, SplittableRandom random) {
            int x = random.nextInt(shape.width()) - size / 2;
            int y = random.nextInt(shape.height()) - size / 2;
            return new Corner(x, y);
        }

        @Override
        public void read(
                ImageDataset dataset, int index, SplittableRandom random, byte[] target, int offset) {
            before.read(dataset, index, random, target, offset);
            Corner corner = draw(dataset.imageShape(), random);
            Planes.fillSquare(
                    target, offset, dataset.imageShape(), corner.x(), corner.y(), size, (byte) MIDDLE);
        }
    }
}
