package io.udc.sr;

import io.udc.InputException;
import io.udc.image.Picture;
import io.udc.image.PictureFile;

/**
 * A decoded original and its reduction.
 *
 * @param name file name without its end
 * @param high the original, cropped to a multiple of the scale
 * @param low the reduction, smaller by exactly the scale
 */
public record SrPicture(String name, Picture high, Picture low) {

    /**
     * Decodes a pair, and makes the reduction if its file is not there.
     *
     * @throws InputException naming the file if one can't be decoded, is smaller than the scale, or if the
     *     two do not match in extent or colours
     */
    static SrPicture read(SrPair pair, int scale) {
        Picture decoded = PictureFile.read(pair.high());
        if (Math.min(decoded.height(), decoded.width()) < scale) {
            throw new InputException(
                    pair.high() + ": " + extent(decoded) + " is too small for scale " + scale);
        }
        Picture high = BicubicResize.cropToMultiple(decoded, scale);
        if (pair.low().isEmpty()) {
            return new SrPicture(pair.name(), high, BicubicResize.downscale(high, scale));
        }
        Picture low = PictureFile.read(pair.low().get());
        if (low.height() != high.height() / scale || low.width() != high.width() / scale) {
            throw new InputException(pair.low().get() + ": found " + extent(low) + ", expected "
                    + high.width() / scale + "x" + high.height() / scale + ", which is 1/" + scale + " of "
                            + pair.high());
        }
        boolean sameColours = low.channels() == high.channels();
        return new SrPicture(
                pair.name(), sameColours ? high : high.toColour(), sameColours ? low : low.toColour());
    }

    /** Luma planes of both; see {@link YCbCr#luma}. */
    SrPicture luma() {
        return new SrPicture(name, YCbCr.luma(high), YCbCr.luma(low));
    }

    private static String extent(Picture picture) {
        return picture.width() + "x" + picture.height();
    }
}
