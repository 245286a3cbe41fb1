package io.udc.sr;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import java.util.stream.IntStream;

/**
 * MATLAB's {@code imresize(picture, scale)} for 8-bit pictures: bicubic (a = -0.5), the kernel widened by the scale
 * when the picture shrinks, symmetric borders. Two passes, the dimension with the smaller scale first (rows first when
 * equal), each computed in double, rounded half up and clamped to 8 bits. Low-resolution pictures of the literature are
 * made this way; OpenCV's INTER_CUBIC neither widens the kernel nor uses the same a.
 *
 * <p>Deterministic; safe for use by many threads.
 */
public final class BicubicResize {

    /** Rows per parallel task are chosen so that a task is worth a hand-over. */
    private static final int PARALLEL_PIXELS = 1 << 16;

    private BicubicResize() {}

    /** Crops at right and bottom to a multiple of the scale and reduces both sides by it. */
    public static Picture downscale(Picture picture, int scale) {
        Picture whole = cropToMultiple(picture, scale);
        return scale == 1 ? whole : resize(whole, whole.height() / scale, whole.width() / scale);
    }

    /** Enlarges both sides. */
    public static Picture upscale(Picture picture, int scale) {
        return scale == 1 ? picture : resize(picture, picture.height() * scale, picture.width() * scale);
    }

    /**
     * The picture's left upper part whose sides are multiples of the scale.
     *
     * @throws IllegalArgumentException if the picture is smaller than the scale
     */
    public static Picture cropToMultiple(Picture picture, int scale) {
        int height = picture.height() - picture.height() % scale;
        int width = picture.width() - picture.width() % scale;
        boolean whole = height == picture.height() && width == picture.width();
        return whole ? picture : picture.cut(0, 0, width, height);
    }

    /** Resizes to any extent; the scale of each dimension is the ratio of the new extent to the old. */
    public static Picture resize(Picture picture, int height, int width) {
        double verticalScale = (double) height / picture.height();
        double horizontalScale = (double) width / picture.width();
        if (verticalScale <= horizontalScale) {
            return resizeWidth(resizeHeight(picture, height), width);
        }
        return resizeHeight(resizeWidth(picture, width), height);
    }

    private static Picture resizeHeight(Picture picture, int height) {
        int width = picture.width();
        ResizeWeights weights = ResizeWeights.bicubic(picture.height(), height);
        byte[] source = picture.planes();
        byte[] target = new byte[picture.channels() * height * width];
        rows(picture.channels() * height, width).forEach(row -> {
            int plane = row / height * picture.height();
            double[] sums = new double[width];
            for (int tap = 0; tap < weights.taps(); tap++) {
                double weight = weights.weight(row % height, tap);
                if (weight != 0) {
                    addRow(source, (plane + weights.source(row % height, tap)) * width, weight, sums);
                }
            }
            for (int x = 0; x < width; x++) {
                target[row * width + x] = rounded(sums[x]);
            }
        });
        return new Picture(new Shape(picture.channels(), height, width), target);
    }

    private static void addRow(byte[] source, int start, double weight, double[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += weight * (source[start + x] & 0xff);
        }
    }

    private static Picture resizeWidth(Picture picture, int width) {
        ResizeWeights weights = ResizeWeights.bicubic(picture.width(), width);
        int rows = picture.channels() * picture.height();
        byte[] target = new byte[rows * width];
        rows(rows, picture.width()).forEach(row -> {
            double[] values = new double[picture.width()];
            addRow(picture.planes(), row * picture.width(), 1, values);
            for (int x = 0; x < width; x++) {
                target[row * width + x] = rounded(weights.apply(x, values));
            }
        });
        return new Picture(new Shape(picture.channels(), picture.height(), width), target);
    }

    /** Rows 0 to count - 1, in parallel if there is enough to do. */
    private static IntStream rows(int count, int width) {
        IntStream rows = IntStream.range(0, count);
        return (long) count * width < PARALLEL_PIXELS ? rows : rows.parallel();
    }

    private static byte rounded(double value) {
        return (byte) Math.max(0, Math.min(255, (int) Math.floor(value + 0.5)));
    }
}
