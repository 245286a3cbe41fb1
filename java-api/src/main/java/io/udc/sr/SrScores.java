package io.udc.sr;

import io.udc.image.Picture;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The quality of enlarged pictures, one row each and the mean.
 *
 * @param rows in the order of the pictures
 */
public record SrScores(List<Row> rows) {

    /**
     * One picture's quality.
     *
     * @param name file name without its end
     * @param quality compared on luma, border of {@code scale} left out
     */
    public record Row(String name, Quality quality) {}

    public SrScores {
        rows = List.copyOf(rows);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("no pictures to score");
        }
    }

    /**
     * Enlarges every reduction and compares it with its original, on 8-bit luma.
     *
     * @param enlarge from a grey picture to one larger by the data set's scale; called by this thread only
     */
    public static SrScores of(SrDataset dataset, UnaryOperator<Picture> enlarge) {
        return new SrScores(dataset.pictures().stream()
                .map(p -> new Row(p.name(), Quality.of(p.high(), enlarge.apply(p.low()), dataset.scale())))
                .toList());
    }

    /** Mean over the pictures of both measures. */
    public Quality mean() {
        double psnr = rows.stream().mapToDouble(row -> row.quality().psnr()).average().orElseThrow();
        double ssim = rows.stream().mapToDouble(row -> row.quality().ssim()).average().orElseThrow();
        return new Quality(psnr, ssim);
    }
}
