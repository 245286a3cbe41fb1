package io.udc.sr;

import java.nio.file.Path;

/** Enlarges a picture or a folder of pictures with a network, one after the other. */
public final class FolderUpscale {

    /**
     * What was done.
     *
     * @param pictures written files
     * @param skipped broken files that were left out
     * @param highPixels pixels written
     * @param seconds wall time, decoding and encoding included
     */
    public record Result(int pictures, int skipped, long highPixels, double seconds) {}

    private FolderUpscale() {}

    /**
     * Enlarges {@code in} and writes PNG files of the same names.
     *
     * @param in a picture or a folder of pictures
     * @param out a folder, made if it is missing, or for a single picture a file; equal names are replaced, but never
     *     a picture that is read
     * @param skipBad whether a broken file is logged and counted instead of ending the work
     * @throws io.udc.InputException naming the first broken file and the reason; files written before stay
     */
    public static Result run(PictureUpscaler upscaler, Path in, Path out, boolean skipBad) {
        FolderConversion.Result done =
                new FolderConversion(upscaler::enlarge, 1, false).run(in, out, "", skipBad);
        return new Result(done.pictures(), done.skipped(), done.highPixels(), done.seconds());
    }
}
