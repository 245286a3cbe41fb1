package io.udc.sr;

import io.udc.InputException;
import java.nio.file.Path;

/** Makes the reductions of a picture or of a folder of pictures, many at a time. */
public final class FolderDownscale {

    /**
     * What was done.
     *
     * @param pictures written files
     * @param skipped broken files that were left out
     * @param highPixels pixels read
     * @param seconds wall time, decoding and encoding included
     */
    public record Result(int pictures, int skipped, long highPixels, double seconds) {

        /** Megapixels of originals per second. */
        public double megapixelsPerSecond() {
            return highPixels / 1e6 / seconds;
        }
    }

    private FolderDownscale() {}

    /**
     * Reduces {@code in} by MATLAB's bicubic (see {@link BicubicResize}) and writes PNG files named as DIV2K
     * names them, {@code baby.png} to {@code babyx2.png}.
     *
     * @param in a picture or a folder of pictures
     * @param out a folder, made if it is missing; equal names in it are replaced
     * @param scale ratio of the sides, at least 2
     * @param skipBad whether a broken file is logged and counted instead of ending the work
     * @throws InputException naming the first broken file and the reason; files written before stay
     */
    public static Result run(Path in, Path out, int scale, boolean skipBad) {
        if (scale < 2) {
            throw new InputException("scale: found " + scale + ", expected at least 2");
        }
        FolderConversion.Result done = new FolderConversion(
                        picture -> BicubicResize.downscale(picture, scale), scale, true)
                .run(in, out, "x" + scale, skipBad);
        return new Result(done.pictures(), done.skipped(), done.highPixels(), done.seconds());
    }
}
