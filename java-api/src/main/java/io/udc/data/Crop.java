package io.udc.data;

/**
 * A rectangle of a picture.
 *
 * @param x first column
 * @param y first row
 * @param width columns, at least 1
 * @param height rows, at least 1
 */
public record Crop(int x, int y, int width, int height) {

    public Crop {
        if (x < 0 || y < 0 || width < 1 || height < 1) {
            throw new IllegalArgumentException("crop " + width + "x" + height + " at " + x + "," + y);
        }
    }

    /** The largest centred square that covers {@code share} (0 to 1) of the shorter side. */
    static Crop centredSquare(int width, int height, double share) {
        int side = Math.max(1, (int) Math.round(Math.min(width, height) * share));
        return new Crop((width - side) / 2, (height - side) / 2, side, side);
    }
}
