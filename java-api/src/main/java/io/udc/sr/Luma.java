package io.udc.sr;

import io.udc.image.Picture;

/**
 * BT.601 luma in double, not rounded, in the units of 8-bit pictures.
 *
 * @param height rows
 * @param width columns
 * @param values [H][W], row major
 */
record Luma(int height, int width, double[] values) {

    static Luma of(Picture picture) {
        byte[] planes = picture.planes();
        int pixels = picture.height() * picture.width();
        double[] values = new double[pixels];
        for (int i = 0; i < pixels; i++) {
            values[i] = picture.channels() == 1
                    ? planes[i] & 0xff
                    : YCbCr.luma(planes[i] & 0xff, planes[pixels + i] & 0xff, planes[2 * pixels + i] & 0xff);
        }
        return new Luma(picture.height(), picture.width(), values);
    }
}
