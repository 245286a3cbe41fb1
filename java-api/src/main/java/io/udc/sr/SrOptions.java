package io.udc.sr;

/**
 * Choices about super resolution that the folder of pictures leaves open.
 *
 * @param scale ratio of the sides, 2 to 8
 * @param patch side of the low-resolution patches that training sees, 8 to 512 pixels
 * @param patchesPerEpoch patches that count as one epoch, at least 1
 * @param validationPictures pictures that are held out to judge networks by, at least 1
 */
public record SrOptions(int scale, int patch, int patchesPerEpoch, int validationPictures) {

    public SrOptions {
        within("scale", scale, 2, 8);
        within("patch", patch, 8, 512);
        within("patchesPerEpoch", patchesPerEpoch, 1, 100_000_000);
        within("validationPictures", validationPictures, 1, 10_000);
    }

    private static void within(String field, int value, int least, int greatest) {
        if (value < least || value > greatest) {
            throw new IllegalArgumentException(
                    "sr." + field + ": found " + value + ", expected " + least + " to " + greatest);
        }
    }
}
