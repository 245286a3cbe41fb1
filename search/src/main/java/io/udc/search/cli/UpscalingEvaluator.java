package io.udc.search.cli;

import io.udc.image.Picture;
import io.udc.search.model.ModelFile;
import io.udc.search.train.Metric;
import io.udc.sr.BicubicResize;
import io.udc.sr.PictureUpscaler;
import io.udc.sr.Quality;
import io.udc.sr.SrDataset;
import io.udc.sr.SrScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code udc evaluate} of an upscaler: every picture beside its bicubic enlargement, and the means. */
final class UpscalingEvaluator {

    /** One picture. */
    private record Row(String name, double psnr, double ssim, double bicubicPsnr, double bicubicSsim) {

        static Row of(String name, Quality network, Quality bicubic) {
            return new Row(name, network.psnr(), network.ssim(), bicubic.psnr(), bicubic.ssim());
        }
    }

    /**
     * The JSON.
     *
     * @param metric mean PSNR, as result.json has it
     */
    private record Printed(
            String task,
            String metricName,
            double metric,
            double ssim,
            double bicubicPsnr,
            double bicubicSsim,
            int images,
            int skipped,
            long encodedBytes,
            double seconds,
            List<Row> pictures) {}

    private final Console console;
    private final ModelFile model;
    private final PictureUpscaler upscaler;

    UpscalingEvaluator(Console console, ModelFile model) {
        this.console = console;
        this.model = model;
        this.upscaler = new PictureUpscaler(model.decoded());
    }

    int scale() {
        return upscaler.scale();
    }

    int run(SrDataset pictures, boolean json) {
        long start = System.nanoTime();
        SrScores network = SrScores.of(pictures, upscaler::enlarge);
        double seconds = (System.nanoTime() - start) / 1e9;
        SrScores bicubic = SrScores.of(pictures, (Picture low) -> BicubicResize.upscale(low, scale()));
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < network.rows().size(); i++) {
            SrScores.Row row = network.rows().get(i);
            rows.add(Row.of(row.name(), row.quality(), bicubic.rows().get(i).quality()));
        }
        Row mean = Row.of("mean", network.mean(), bicubic.mean());
        long bytes = model.encoded().encodedBytes();
        if (json) {
            console.json(new Printed(model.encoded().task(), Metric.PSNR.toString(), mean.psnr, mean.ssim,
                    mean.bicubicPsnr, mean.bicubicSsim, rows.size(), pictures.skipped(), bytes, seconds, rows));
            return ExitCode.DONE;
        }
        rows.add(mean);
        console.result(table(rows).toString());
        console.result("");
        console.result(String.format(Locale.ROOT, "%s x%d: %s (bicubic %s), %,d pictures, %d skipped, %,d encoded bytes, "
                        + "%.1f s", model.encoded().task(), scale(), Metric.PSNR.display(mean.psnr),
                Metric.PSNR.display(mean.bicubicPsnr), rows.size() - 1, pictures.skipped(), bytes, seconds));
        return ExitCode.DONE;
    }

    private static Table table(List<Row> rows) {
        Table table = new Table("picture", "PSNR", "SSIM", "bicubic PSNR", "bicubic SSIM");
        for (Row row : rows) {
            table.row(row.name, Metric.PSNR.display(row.psnr), String.format(Locale.ROOT, "%.4f", row.ssim),
                    Metric.PSNR.display(row.bicubicPsnr), String.format(Locale.ROOT, "%.4f", row.bicubicSsim));
        }
        return table;
    }
}
