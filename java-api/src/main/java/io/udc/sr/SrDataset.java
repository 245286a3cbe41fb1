package io.udc.sr;

import io.udc.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decoded pictures, kept in memory so that decoding and reducing are paid once: of a colour picture of n
 * pixels the luma planes take n (1 + 1/scale^2) bytes. Immutable.
 *
 * @param scale ratio of the sides, at least 2
 * @param pictures luma planes in the order of the files
 * @param skipped how many files were left out because they are broken
 */
public record SrDataset(int scale, List<SrPicture> pictures, int skipped) {

    public SrDataset {
        pictures = List.copyOf(pictures);
        if (scale < 2) {
            throw new IllegalArgumentException("scale: found " + scale + ", expected at least 2");
        }
    }

    /**
     * Decodes pictures in parallel and keeps their luma.
     *
     * @param pairs files, see {@link SrFolder}
     * @param patch least side of a reduction in pixels, such as that of a patch; a smaller picture counts as broken
     * @param skipBad whether a broken file is logged and counted instead of ending the run
     * @throws InputException naming the first broken file and the reason, or if no picture is left
     */
    public static SrDataset openLuma(List<SrPair> pairs, int scale, int patch, boolean skipBad) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("no pictures to open");
        }
        BadPictures bad = new BadPictures(skipBad);
        List<SrPicture> pictures = pairs.parallelStream()
                .map(pair -> bad.attempt(() -> checked(pair, SrPicture.read(pair, scale).luma(), patch)))
                .flatMap(Optional::stream)
                .toList();
        bad.throwIfFatal(pictures.size());
        return new SrDataset(scale, pictures, bad.found().size());
    }

    private static SrPicture checked(SrPair pair, SrPicture picture, int patch) {
        int width = picture.low().width();
        int height = picture.low().height();
        if (Math.min(width, height) < patch) {
            throw new InputException(pair.high() + ": found a reduction of " + width + "x" + height
                    + ", expected at least " + patch + "x" + patch);
        }
        return picture;
    }

    /** Two data sets of pictures that the other does not have. */
    public record Split(SrDataset first, SrDataset second) {}

    /**
     * Puts some pictures, evenly spread over the order, aside.
     *
     * @param count of pictures in the second data set, 1 to one less than there are
     */
    public Split split(int count) {
        List<SrPicture> first = new ArrayList<>(pictures);
        List<SrPicture> second = SrFolder.spread(pictures, count);
        first.removeAll(second);
        return new Split(new SrDataset(scale, first, 0), new SrDataset(scale, second, 0));
    }

    /** Number of pixels of all originals. */
    public long highPixels() {
        return pictures.stream().mapToLong(picture -> picture.high().shape().elements()).sum();
    }
}
