package io.udc.sr;

import io.udc.InputException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decoded pictures, kept in memory so that decoding and reducing are paid once: of a colour picture of n pixels the
 * luma planes take n (1 + 1/scale^2) bytes. Immutable.
 *
 * @param scale ratio of the sides, at least 2
 * @param pictures luma planes in the order of the files
 * @param skipped how many files were left out because they are broken
 */
public record SrDataset(int scale, List<SrPicture> pictures, int skipped) {

    private static final Logger LOG = LoggerFactory.getLogger(SrDataset.class);

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
     * @param patch least side of a reduction in pixels; a smaller picture counts as broken
     * @param skipBad whether a broken file is logged and counted instead of ending the run
     * @throws InputException naming the first broken file and the reason, or if no picture is left
     */
    public static SrDataset openLuma(List<SrPair> pairs, int scale, int patch, boolean skipBad) {
        ConcurrentLinkedQueue<String> bad = new ConcurrentLinkedQueue<>();
        List<SrPicture> pictures = pairs.parallelStream()
                .map(pair -> {
                    try {
                        return checked(pair, SrPicture.read(pair, scale).luma(), patch);
                    } catch (InputException e) {
                        if (!skipBad) {
                            throw e;
                        }
                        LOG.warn("{} (skipped)", e.getMessage());
                        bad.add(e.getMessage());
                        return null;
                    }
                })
                .filter(Objects::nonNull)
                .toList();
        if (pictures.isEmpty()) {
            throw new InputException("all " + pairs.size() + " pictures are broken; the first: " + bad.peek());
        }
        return new SrDataset(scale, pictures, bad.size());
    }

    private static SrPicture checked(SrPair pair, SrPicture picture, int patch) {
        int width = picture.low().width();
        int height = picture.low().height();
        if (Math.min(width, height) < patch) {
            throw new InputException(pair.high() + ": its reduction of " + width + "x" + height
                    + " is smaller than a patch of " + patch + "x" + patch);
        }
        return picture;
    }

    /** Number of pixels of all originals. */
    public long highPixels() {
        return pictures.stream().mapToLong(picture -> picture.high().shape().elements()).sum();
    }
}
