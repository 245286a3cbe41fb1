package io.udc.sr;

import io.udc.arch.Shape;
import io.udc.image.Picture;

/**
 * ITU-R BT.601 with the video range, as MATLAB's {@code rgb2ycbcr} and {@code ycbcr2rgb} compute it on 8-bit
 * pictures: Y = 16 + (65.481 R + 128.553 G + 24.966 B) / 255, from 16 to 235; Cb and Cr from 16 to 240 around
 * 128.
 */
public final class YCbCr {

    private static final double[][] FORWARD = {
        {65.481, 128.553, 24.966}, {-37.797, -74.203, 112.0}, {112.0, -93.786, -18.214}
    };
    private static final double[] OFFSET = {16, 128, 128};
    private static final double[][] BACKWARD = {
        {255 / 219.0, 0, 1.402 * 255 / 224},
        {255 / 219.0, -1.772 * 0.114 / 0.587 * 255 / 224, -1.402 * 0.299 / 0.587 * 255 / 224},
        {255 / 219.0, 1.772 * 255 / 224, 0}
    };

    private YCbCr() {}

    /**
     * The luma plane, rounded to 8 bits.
     *
     * @param picture colour, or grey, which counts as luma already
     */
    public static Picture luma(Picture picture) {
        return picture.channels() == 1 ? picture : convert(picture, 1);
    }

    /** Luma of one pixel, 16 to 235, not rounded. */
    static double luma(int red, int green, int blue) {
        return OFFSET[0] + (FORWARD[0][0] * red + FORWARD[0][1] * green + FORWARD[0][2] * blue) / 255;
    }

    /** Y, Cb and Cr planes of a colour picture, rounded to 8 bits. */
    public static Picture fromRgb(Picture rgb) {
        return convert(rgb, 3);
    }

    private static Picture convert(Picture rgb, int components) {
        int pixels = rgb.height() * rgb.width();
        byte[] in = rgb.planes();
        byte[] out = new byte[components * pixels];
        for (int component = 0; component < components; component++) {
            double red = FORWARD[component][0] / 255;
            double green = FORWARD[component][1] / 255;
            double blue = FORWARD[component][2] / 255;
            double offset = OFFSET[component] + 0.5;
            for (int i = 0; i < pixels; i++) {
                double value = red * (in[i] & 0xff) + green * (in[pixels + i] & 0xff)
                        + blue * (in[2 * pixels + i] & 0xff);
                out[component * pixels + i] = (byte) (int) Math.floor(value + offset);
            }
        }
        return new Picture(new Shape(components, rgb.height(), rgb.width()), out);
    }

    /** The colour picture of Y, Cb and Cr planes, rounded and clamped to 8 bits. */
    public static Picture toRgb(Picture planes) {
        int pixels = planes.height() * planes.width();
        byte[] in = planes.planes();
        byte[] out = new byte[3 * pixels];
        for (int colour = 0; colour < 3; colour++) {
            double[] row = BACKWARD[colour];
            for (int i = 0; i < pixels; i++) {
                double y = (in[i] & 0xff) - OFFSET[0];
                double cb = (in[pixels + i] & 0xff) - OFFSET[1];
                double cr = (in[2 * pixels + i] & 0xff) - OFFSET[2];
                int value = (int) Math.floor(row[0] * y + row[1] * cb + row[2] * cr + 0.5);
                out[colour * pixels + i] = (byte) Math.max(0, Math.min(255, value));
            }
        }
        return new Picture(planes.shape(), out);
    }
}
