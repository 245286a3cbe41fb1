package io.udc.sr;

import io.udc.image.Picture;

/**
 * How close an enlarged picture is to the original.
 *
 * <p>Both are compared on BT.601 luma (see {@link YCbCr}) without a border of {@code scale} pixels, which is
 * how the literature reports Set5, Set14 and the like. The luma of a colour picture is not rounded; a grey
 * picture is its own luma, so networks that work on luma are compared by {@link YCbCr#luma} of the original.
 *
 * @param psnr peak signal-to-noise ratio in dB, 10 log10(255^2 / mean squared error); infinite for equal
 *     pictures
 * @param ssim structural similarity (Wang et al., 2004), 11x11 Gaussian window of deviation 1.5, K1 = 0.01,
 *     K2 = 0.03, averaged over the windows that lie wholly inside; NaN if there is none
 */
public record Quality(double psnr, double ssim) {

    /**
     * Compares two pictures of one extent, grey or colour each.
     *
     * @param border pixels left out on every side, usually the scale
     */
    public static Quality of(Picture original, Picture enlarged, int border) {
        if (original.height() != enlarged.height() || original.width() != enlarged.width()) {
            throw new IllegalArgumentException(
                    "can't compare " + original.shape() + " with " + enlarged.shape() + ": extents differ");
        }
        int height = original.height() - 2 * border;
        int width = original.width() - 2 * border;
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    original.shape() + " has nothing within a border of " + border);
        }
        Luma a = Luma.of(original.cut(border, border, width, height));
        Luma b = Luma.of(enlarged.cut(border, border, width, height));
        return new Quality(psnr(a.values(), b.values()), Ssim.of(a, b));
    }

    private static double psnr(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return 10 * Math.log10(255.0 * 255.0 * a.length / squares);
    }
}
