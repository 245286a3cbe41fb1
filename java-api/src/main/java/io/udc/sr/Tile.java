package io.udc.sr;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a picture that is computed on its own. The network reads the source rectangle and only the inner
 * rectangle of its answer is kept; with a halo of at least the network's receptive radius the kept pixels are
 * the same as in one piece. At the picture's edges the source ends where the picture ends, so that the
 * network's own padding applies there as it does in one piece.
 *
 * @param x first kept column
 * @param y first kept row
 * @param width kept columns
 * @param height kept rows
 * @param sourceX first read column
 * @param sourceY first read row
 * @param sourceWidth read columns
 * @param sourceHeight read rows
 */
public record Tile(
        int x, int y, int width, int height, int sourceX, int sourceY, int sourceWidth, int sourceHeight) {

    /**
     * Covers a picture with tiles; every pixel is kept by exactly one of them.
     *
     * @param side largest width and height of the kept part, at least 1
     * @param halo pixels read around it, at least 0
     */
    public static List<Tile> cover(int width, int height, int side, int halo) {
        if (width < 1 || height < 1 || side < 1 || halo < 0) {
            throw new IllegalArgumentException(
                    "can't cover " + width + "x" + height + " with tiles of " + side + " and a halo of "
                            + halo);
        }
        List<Tile> tiles = new ArrayList<>();
        for (int y = 0; y < height; y += side) {
            for (int x = 0; x < width; x += side) {
                int right = Math.min(width, x + side);
                int bottom = Math.min(height, y + side);
                int sourceX = Math.max(0, x - halo);
                int sourceY = Math.max(0, y - halo);
                int sourceWidth = Math.min(width, right + halo) - sourceX;
                int sourceHeight = Math.min(height, bottom + halo) - sourceY;
                tiles.add(new Tile(x, y, right - x, bottom - y, sourceX, sourceY, sourceWidth, sourceHeight));
            }
        }
        return List.copyOf(tiles);
    }
}
