package io.udc.data;

import io.udc.arch.Shape;
import io.udc.memory.StepScope;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * A data set that the program draws itself, so that the first search needs no download: ten kinds of figures
 * on 32x32 colour pictures. Place, size, rotation and colours are random; textures, noise and strokes across
 * the figure keep small networks below 100%, so that capacity shows in the accuracy. Equal seeds give equal
 * pictures, whatever the number of threads; classes take turns, so every prefix is balanced.
 */
public final class ShapesDataset {

    /** Mean and deviation of the drawn pixels, all colours together. */
    static final Normalization NORMALIZATION = Normalization.of(new double[] {.5}, new double[] {.21});

    private static final int SIDE = 32;
    private static final Shape SHAPE = new Shape(3, SIDE, SIDE);
    private static final int PICTURE_BYTES = 3 * SIDE * SIDE;
    private static final int CHUNK = 64;

    private ShapesDataset() {}

    /**
     * Draws a data set into memory.
     *
     * @param size number of pictures, at least 1
     */
    public static ImageDataset draw(String name, int size, long seed) {
        Figure[] figures = Figure.values();
        byte[] pixels = new byte[Math.multiplyExact(size, PICTURE_BYTES)];
        IntStream.range(0, (size + CHUNK - 1) / CHUNK)
                .parallel()
                .forEach(
                        chunk -> drawChunk(pixels, chunk * CHUNK, Math.min(size, (chunk + 1) * CHUNK), seed));
        int[] labels = IntStream.range(0, size).map(i -> i % figures.length).toArray();
        return new InMemoryDataset(
                name, SHAPE, Arrays.stream(figures).map(Figure::className).toList(), labels, pixels);
    }

    @SuppressWarnings("try") // the scope works by being open
    private static void drawChunk(byte[] pixels, int first, int end, long seed) {
        byte[] canvas = new byte[PICTURE_BYTES];
        for (int index = first; index < end; index++) {
            SplittableRandom random = new SplittableRandom(Seeds.mix(seed, index));
            Figure figure = Figure.values()[index % Figure.values().length];
            try (StepScope scope = StepScope.open()) {
                Mat mat = new Mat(SIDE, SIDE, opencv_core.CV_8UC3);
                BytePointer data = mat.data().capacity(PICTURE_BYTES);
                Brush.background(canvas, SIDE, random);
                data.put(canvas);
                new Brush(mat, random).figure(figure);
                data.get(canvas);
            }
            Brush.finish(canvas, SIDE, random, pixels, index * PICTURE_BYTES);
        }
    }
}
