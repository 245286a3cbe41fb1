package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.udc.image.Picture;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TileTest {

    /** Sums of (2 radius + 1)^2 windows with zeros outside, as a network's padding gives. */
    private static int[] windowSums(Picture picture, int radius) {
        int[] sums = new int[picture.height() * picture.width()];
        for (int i = 0; i < sums.length; i++) {
            for (int dy = -radius; dy <= radius; dy++) {
                for (int dx = -radius; dx <= radius; dx++) {
                    int y = i / picture.width() + dy;
                    int x = i % picture.width() + dx;
                    if (y >= 0 && y < picture.height() && x >= 0 && x < picture.width()) {
                        sums[i] += picture.planes()[y * picture.width() + x] * (3 * dy + dx);
                    }
                }
            }
        }
        return sums;
    }

    @Test
    void tiledIsTheSameAsWhole() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int trial = 0; trial < 60; trial++) {
            Picture picture =
                    SrData.random(1, 1 + random.nextInt(30), 1 + random.nextInt(30), random.nextLong());
            int radius = random.nextInt(4);
            int[] tiled = new int[picture.planes().length];
            int[] times = new int[tiled.length];
            for (Tile tile : Tile.cover(picture.width(), picture.height(), 1 + random.nextInt(12), radius)) {
                Picture part =
                        picture.cut(tile.sourceX(), tile.sourceY(), tile.sourceWidth(), tile.sourceHeight());
                int[] sums = windowSums(part, radius);
                for (int y = tile.y(); y < tile.y() + tile.height(); y++) {
                    for (int x = tile.x(); x < tile.x() + tile.width(); x++) {
                        tiled[y * picture.width() + x] =
                                sums[(y - tile.sourceY()) * tile.sourceWidth() + x - tile.sourceX()];
                        times[y * picture.width() + x]++;
                    }
                }
            }
            assertArrayEquals(windowSums(picture, radius), tiled, "seed " + seed);
            for (int count : times) {
                assertEquals(1, count, "seed " + seed);
            }
        }
    }

    @Test
    void wrongNumbersAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Tile.cover(10, 10, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> Tile.cover(10, 10, 4, -1));
    }
}
