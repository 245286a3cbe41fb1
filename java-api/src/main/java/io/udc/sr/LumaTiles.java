package io.udc.sr;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import java.util.function.Function;

/**
 * Enlarges a luma picture tile by tile, so that what a network holds does not grow with the picture; see
 * {@link Tile}.
 *
 * @param scale ratio of the sides
 * @param side largest side of a tile, in pixels of the small picture
 * @param halo pixels that are read around it: the network's receptive radius or more
 */
public record LumaTiles(int scale, int side, int halo) {

    /**
     * The enlarged picture.
     *
     * @param network from a luma picture to the pixels of one that is larger by the scale, row major
     */
    public Picture enlarge(Picture luma, Function<Picture, byte[]> network) {
        int width = luma.width() * scale;
        byte[] target = new byte[Math.multiplyExact(luma.height() * scale, width)];
        for (Tile tile : Tile.cover(luma.width(), luma.height(), side, halo)) {
            byte[] part = network.apply(
                    luma.cut(tile.sourceX(), tile.sourceY(), tile.sourceWidth(), tile.sourceHeight()));
            int left = (tile.x() - tile.sourceX()) * scale;
            int top = (tile.y() - tile.sourceY()) * scale;
            for (int row = 0; row < tile.height() * scale; row++) {
                System.arraycopy(part, (top + row) * tile.sourceWidth() * scale + left,
                        target, (tile.y() * scale + row) * width + tile.x() * scale, tile.width() * scale);
            }
        }
        return new Picture(new Shape(1, luma.height() * scale, width), target);
    }
}
