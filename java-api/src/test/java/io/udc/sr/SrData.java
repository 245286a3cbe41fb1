package io.udc.sr;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Pictures for the tests: made here, or the reference sets where they are at hand. */
final class SrData {

    private SrData() {}

    static Picture random(int channels, int height, int width, long seed) {
        byte[] planes = new byte[channels * height * width];
        new Random(seed).nextBytes(planes);
        return new Picture(new Shape(channels, height, width), planes);
    }

    /**
     * A folder of reference pictures under $UDC_SHARED, or under shared/ beside the checkout; else the test
     * skips.
     */
    static Path reference(String folder) {
        String given = System.getenv("UDC_SHARED");
        Path module = Path.of("").toAbsolutePath();
        for (Path at = module; at != null && given == null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("shared/data/sr"))) {
                given = at.resolve("shared").toString();
            }
        }
        assumeTrue(given != null,
                "no reference pictures: set UDC_SHARED or put them into shared/ beside the checkout");
        Path found = Path.of(given).resolve("data/sr").resolve(folder);
        assumeTrue(Files.isDirectory(found), found + " is missing");
        return found;
    }
}
