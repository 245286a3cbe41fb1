package io.udc.data;

import io.udc.arch.Shape;
import java.util.Arrays;

/**
 * Geometry on 8-bit planes [C][H][W] in plain Java; pictures of CIFAR's size are too small to pay for native
 * calls.
 */
final class Planes {

    private static final int FRACTION_BITS = 10;
    private static final int ONE = 1 << FRACTION_BITS;

    private Planes() {}

    /**
     * Moves a picture by (dx, dy), filling what comes in with black, and mirrors it left to right if asked.
     * {@code target[y][x] = source[y + dy][x' + dx]} with x' = x or width - 1 - x.
     */
    static void shift(byte[] source, Shape shape, int dx, int dy, boolean mirror, byte[] target, int offset) {
        int width = shape.width();
        int height = shape.height();
        int first = Math.max(0, -dx);
        int last = Math.min(width, width - dx);
        for (int row = 0; row < shape.channels() * height; row++) {
            int y = row % height + dy;
            int out = offset + row * width;
            if (y < 0 || y >= height || first >= last) {
                Arrays.fill(target, out, out + width, (byte) 0);
                continue;
            }
            int in = (row + dy) * width + dx;
            Arrays.fill(target, out, out + first, (byte) 0);
            System.arraycopy(source, in + first, target, out + first, last - first);
            Arrays.fill(target, out + last, out + width, (byte) 0);
            if (mirror) {
                mirrorRow(target, out, width);
            }
        }
    }

    /** Mirrors every row left to right in place. */
    static void mirror(byte[] pixels, int offset, Shape shape) {
        for (int row = 0; row < shape.channels() * shape.height(); row++) {
            mirrorRow(pixels, offset + row * shape.width(), shape.width());
        }
    }

    private static void mirrorRow(byte[] pixels, int start, int width) {
        for (int left = start, right = start + width - 1; left < right; left++, right--) {
            byte swap = pixels[left];
            pixels[left] = pixels[right];
            pixels[right] = swap;
        }
    }

    /** Overwrites a square of every plane; the part of it that lies outside the picture is left out. */
    static void fillSquare(byte[] pixels, int offset, Shape shape, int x, int y, int side, byte value) {
        int left = Math.max(0, x);
        int right = Math.min(shape.width(), x + side);
        for (int channel = 0; channel < shape.channels(); channel++) {
            for (int row = Math.max(0, y); row < Math.min(shape.height(), y + side); row++) {
                int start = offset + (channel * shape.height() + row) * shape.width();
                Arrays.fill(pixels, start + left, start + Math.max(left, right), value);
            }
        }
    }

    /** Stretches a part of a picture to the whole picture's extent, bilinearly with pixel centres aligned. */
    static void stretch(byte[] source, Shape shape, Crop crop, byte[] target, int offset) {
        int width = shape.width();
        int[] left = new int[width];
        int[] right = new int[width];
        int[] weight = new int[width];
        for (int x = 0; x < width; x++) {
            double at = position(x, width, crop.width());
            left[x] = crop.x() + (int) at;
            right[x] = Math.min(left[x] + 1, crop.x() + crop.width() - 1);
            weight[x] = (int) Math.round((at - (int) at) * ONE);
        }
        for (int y = 0; y < shape.height(); y++) {
            double at = position(y, shape.height(), crop.height());
            int upper = crop.y() + (int) at;
            int lower = Math.min(upper + 1, crop.y() + crop.height() - 1);
            int share = (int) Math.round((at - (int) at) * ONE);
            for (int channel = 0; channel < shape.channels(); channel++) {
                int plane = channel * shape.height();
                int a = (plane + upper) * width;
                int b = (plane + lower) * width;
                int out = offset + (plane + y) * width;
                for (int x = 0; x < width; x++) {
                    int top = mix(source[a + left[x]], source[a + right[x]], weight[x]);
                    int bottom = mix(source[b + left[x]], source[b + right[x]], weight[x]);
                    int sum = top * (ONE - share) + bottom * share;
                    target[out + x] = (byte) ((sum + ONE * ONE / 2) >> (2 * FRACTION_BITS));
                }
            }
        }
    }

    private static int mix(byte a, byte b, int weight) {
        return (a & 0xff) * (ONE - weight) + (b & 0xff) * weight;
    }

    private static double position(int index, int size, int cropSize) {
        double at = (index + 0.5) * cropSize / size - 0.5;
        return Math.max(0, Math.min(cropSize - 1, at));
    }
}
