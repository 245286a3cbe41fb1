package io.udc.sr;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import java.util.stream.IntStream;

/**
 * MATLAB's {@code imresize(picture, scale)} for 8-bit pictures: bicubic (a = -0.5), the kernel widened by the
 * scale when the picture shrinks, symmetric borders. Two passes, the dimension with the smaller scale first
 * (rows first when equal), each computed in double, rounded half up and clamped to 8 bits. Low-resolution
 * pictures of the literature are made this way; OpenCV's INTER_CUBIC neither widens the kernel nor uses the
 * same a.
 *
 * <p>Deterministic; safe for use by many threads.
 */
public final class BicubicResize {

    /** Below this many pixels a hand-over to other threads costs more than it saves. */
    private static final int PARALLEL_PIXELS = 1 << 16;

    /** Rows of the result that are computed at a time, so that memory in double stays small. */
    private static final int STRIP = 64;

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
        boolean rowsFirst = (double) height / picture.height() <= (double) width / picture.width();
        ResizeWeights vertical = ResizeWeights.bicubic(picture.height(), height);
        ResizeWeights horizontal = ResizeWeights.bicubic(picture.width(), width);
        byte[] target = new byte[picture.channels() * height * width];
        for (int channel = 0; channel < picture.channels(); channel++) {
            double[] plane = values(picture, channel);
            int sourceWidth = picture.width();
            if (!rowsFirst) {
                plane = resizeWidth(plane, sourceWidth, horizontal);
                sourceWidth = width;
            }
            for (int from = 0; from < height; from += STRIP) {
                double[] strip = resizeHeight(plane, sourceWidth, vertical, from, Math.min(STRIP, height - from));
                store(rowsFirst ? resizeWidth(strip, sourceWidth, horizontal) : strip, target,
                        (channel * height + from) * width);
            }
        }
        return new Picture(new Shape(picture.channels(), height, width), target);
    }

    private static double[] values(Picture picture, int channel) {
        double[] values = new double[picture.height() * picture.width()];
        for (int i = 0; i < values.length; i++) {
            values[i] = picture.planes()[channel * values.length + i] & 0xff;
        }
        return values;
    }

    private static void store(double[] values, byte[] target, int start) {
        for (int i = 0; i < values.length; i++) {
            target[start + i] = (byte) (int) values[i];
        }
    }

    /** Some rows of the plane with another height. */
    private static double[] resizeHeight(double[] plane, int width, ResizeWeights weights, int from, int count) {
        double[] target = new double[count * width];
        rows(count, width).forEach(y -> {
            double[] sums = new double[width];
            for (int tap = 0; tap < weights.taps(); tap++) {
                addScaled(plane, weights.source(from + y, tap) * width, weights.weight(from + y, tap), sums);
            }
            round(sums, target, y * width);
        });
        return target;
    }

    private static void addScaled(double[] source, int start, double weight, double[] sums) {
        for (int x = 0; x < sums.length; x++) {
            sums[x] += weight * source[start + x];
        }
    }

    private static double[] resizeWidth(double[] plane, int width, ResizeWeights weights) {
        int targets = weights.targets();
        double[] target = new double[plane.length / width * targets];
        rows(plane.length / width, width).forEach(y -> {
            double[] sums = new double[targets];
            weights.apply(plane, y * width, sums);
            round(sums, target, y * targets);
        });
        return target;
    }

    /** Rows 0 to count - 1, in parallel if there is enough to do. */
    private static IntStream rows(int count, int width) {
        IntStream rows = IntStream.range(0, count);
        return (long) count * width < PARALLEL_PIXELS ? rows : rows.parallel();
    }

    /** Rounds half up and clamps to what 8 bits hold. */
    private static void round(double[] sums, double[] target, int start) {
        for (int x = 0; x < sums.length; x++) {
            target[start + x] = Math.max(0, Math.min(255, Math.floor(sums[x] + 0.5)));
        }
    }
}
