package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BicubicResizeTest {

    /**
     * One value of one pass, straight from the definition: every source position, mirrored far beyond the
     * borders. NaN if one of its sources is.
     */
    private static double direct(double[] line, int out, int target) {
        double scale = (double) out / line.length;
        double stretch = Math.min(1, scale);
        double centre = (target + 0.5) / scale - 0.5;
        double sum = 0;
        double weights = 0;
        int reach = (int) Math.ceil(2 / stretch) + 1;
        for (int p = (int) Math.floor(centre) - reach; p <= centre + reach; p++) {
            double weight = kernel((centre - p) * stretch);
            if (weight != 0) {
                int at = Math.floorMod(p, 2 * line.length);
                sum += weight * line[at < line.length ? at : 2 * line.length - 1 - at];
                weights += weight;
            }
        }
        return sum / weights;
    }

    private static double kernel(double x) {
        double d = Math.abs(x);
        if (d >= 2) {
            return 0;
        }
        return d <= 1 ? 1.5 * d * d * d - 2.5 * d * d + 1 : -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2;
    }

    /** NaN marks ties: the last bits of double arithmetic decide where they go, and whatever they feed. */
    private static double[][] pass(double[][] rows, int out) {
        double[][] result = new double[rows.length][out];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < out; x++) {
                double value = direct(rows[y], out, x);
                boolean tie = Math.abs(value - Math.floor(value) - 0.5) < 1e-9;
                result[y][x] = tie ? Double.NaN : Math.max(0, Math.min(255, Math.rint(value)));
            }
        }
        return result;
    }

    private static double[][] transposed(double[][] rows) {
        double[][] columns = new double[rows[0].length][rows.length];
        for (int y = 0; y < rows.length; y++) {
            for (int x = 0; x < rows[0].length; x++) {
                columns[x][y] = rows[y][x];
            }
        }
        return columns;
    }

    private static double[][] reference(Picture picture, int height, int width) {
        double[][] rows = new double[picture.height()][picture.width()];
        for (int i = 0; i < picture.planes().length; i++) {
            rows[i / picture.width()][i % picture.width()] = picture.planes()[i] & 0xff;
        }
        boolean rowsFirst = (double) height / picture.height() <= (double) width / picture.width();
        if (rowsFirst) {
            return pass(transposed(pass(transposed(rows), height)), width);
        }
        return transposed(pass(transposed(pass(rows, width)), height));
    }

    @Test
    void agreesWithTheDefinitionForAnyExtents() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int compared = 0;
        int all = 0;
        for (int trial = 0; trial < 60; trial++) {
            Picture picture =
                    SrData.random(1, 1 + random.nextInt(40), 1 + random.nextInt(40), random.nextLong());
            int height = 1 + random.nextInt(60);
            int width = 1 + random.nextInt(60);
            Picture resized = BicubicResize.resize(picture, height, width);
            double[][] expected = reference(picture, height, width);
            String what = "seed " + seed + ": " + picture.shape() + " to " + height + "x" + width;
            for (int i = 0; i < resized.planes().length; i++) {
                double pixel = expected[i / width][i % width];
                if (!Double.isNaN(pixel)) {
                    assertEquals(pixel, resized.planes()[i] & 0xff, what);
                    compared++;
                }
            }
            all += resized.planes().length;
        }
        assertTrue(compared > all / 2, "seed " + seed + ": " + compared + " of " + all + " have no tie behind them");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void reproducesMatlabsFilesOfSet5InEveryPixel(int scale) {
        Path set = SrData.reference("Set5");
        List<SrPair> pairs = SrFolder.list(set, SrFolder.Part.VALID, scale);
        assertEquals(5, pairs.size());
        for (SrPair pair : pairs) {
            Picture made = BicubicResize.downscale(PictureFile.read(pair.high()), scale);
            Picture file = PictureFile.read(pair.low().orElseThrow());
            assertEquals(file.shape(), made.shape());
            assertArrayEquals(file.planes(), made.planes(), pair.name());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Set5, 2, 33.67", "Set5, 3, 30.40", "Set5, 4, 28.43", "Set14, 2, 30.23", "Set14, 3, 27.54",
                "Set14, 4, 25.99"
    })
    void downAndUpAgainHasTheKnownQuality(String set, int scale, double psnr) {
        SrFolder.Part part = SrFolder.Part.VALID;
        double mean = SrFolder.list(SrData.reference(set), part, scale).stream()
                .mapToDouble(pair -> downAndUp(PictureFile.read(pair.high()), scale).psnr())
                .average()
                .orElseThrow();
        assertEquals(psnr, mean, 0.02);
    }

    private static Quality downAndUp(Picture picture, int scale) {
        Picture high = BicubicResize.cropToMultiple(picture, scale);
        return Quality.of(high, BicubicResize.upscale(BicubicResize.downscale(high, scale), scale), scale);
    }

    @Test
    void constantPicturesStayConstant() {
        byte[] planes = new byte[3 * 30 * 21];
        Arrays.fill(planes, (byte) 255);
        Picture white = new Picture(new Shape(3, 30, 21), planes);
        for (Picture resized : List.of(BicubicResize.downscale(white, 3), BicubicResize.upscale(white, 4))) {
            for (byte pixel : resized.planes()) {
                assertEquals((byte) 255, pixel);
            }
        }
    }

    @Test
    void channelsAreIndependent() {
        Picture colour = SrData.random(3, 24, 36, 5);
        Picture reduced = BicubicResize.downscale(colour, 3);
        for (int channel = 0; channel < 3; channel++) {
            byte[] plane = Arrays.copyOfRange(colour.planes(), channel * 864, (channel + 1) * 864);
            Picture grey = BicubicResize.downscale(new Picture(new Shape(1, 24, 36), plane), 3);
            assertArrayEquals(
                    grey.planes(), Arrays.copyOfRange(reduced.planes(), channel * 96, (channel + 1) * 96));
        }
    }

    @Test
    void largePicturesInParallelAreTheSameAsTheirStrips() {
        Picture wide = SrData.random(1, 300, 500, 6);
        Picture reduced = BicubicResize.downscale(wide, 2);
        Picture strip = BicubicResize.downscale(wide.cut(0, 0, 500, 40), 2);
        // the last rows of the strip see its own border
        assertArrayEquals(
                Arrays.copyOf(strip.planes(), 16 * 250), Arrays.copyOf(reduced.planes(), 16 * 250));
    }

    @Test
    void cropsToAMultipleOfTheScale() {
        Picture picture = SrData.random(1, 11, 14, 7);
        assertEquals(new Shape(1, 9, 12), BicubicResize.cropToMultiple(picture, 3).shape());
        assertSame(picture, BicubicResize.cropToMultiple(picture, 1));
        assertEquals(new Shape(1, 3, 4), BicubicResize.downscale(picture, 3).shape());
    }
}
