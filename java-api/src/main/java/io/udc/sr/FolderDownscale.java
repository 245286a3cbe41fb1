package io.udc.sr;

import io.udc.InputException;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        long start = System.nanoTime();
        Map<Path, Path> work =
                targets(Files.isRegularFile(in) ? List.of(in) : PictureFile.list(in), out, scale);
        createFolder(out);
        BadPictures bad = new BadPictures(skipBad);
        List<Long> pixels = work.entrySet().parallelStream()
                .map(entry -> bad.attempt(() -> reduce(entry.getKey(), entry.getValue(), scale)))
                .flatMap(Optional::stream)
                .toList();
        bad.throwIfFatal();
        double seconds = (System.nanoTime() - start) / 1e9;
        long total = pixels.stream().mapToLong(Long::longValue).sum();
        return new Result(pixels.size(), bad.found().size(), total, seconds);
    }

    /** Returns the number of pixels read. */
    private static long reduce(Path file, Path target, int scale) {
        Picture picture = PictureFile.read(file);
        if (Math.min(picture.height(), picture.width()) < scale) {
            throw new InputException(file + ": " + picture.width() + "x" + picture.height()
                    + " is too small for scale " + scale);
        }
        PictureFile.write(BicubicResize.downscale(picture, scale), target);
        return (long) picture.height() * picture.width();
    }

    /** Where each picture's reduction goes; two pictures must not share a target. */
    private static Map<Path, Path> targets(List<Path> pictures, Path out, int scale) {
        Map<Path, Path> sources = new HashMap<>();
        Map<Path, Path> targets = new HashMap<>();
        for (Path picture : pictures) {
            Path target = out.resolve(SrPair.baseName(picture) + "x" + scale + ".png");
            Path other = sources.put(target, picture);
            if (other != null) {
                throw new InputException(other + " and " + picture + " would both be written to " + target);
            }
            targets.put(picture, target);
        }
        return targets;
    }

    private static void createFolder(Path out) {
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw new InputException(out + ": can't be made: " + e.getMessage(), e);
        }
    }
}
