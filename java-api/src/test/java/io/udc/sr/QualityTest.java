package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QualityTest {

    private static double luma(Picture picture, int y, int x) {
        int plane = picture.height() * picture.width();
        int at = y * picture.width() + x;
        byte[] p = picture.planes();
        if (picture.channels() == 1) {
            return p[at] & 0xff;
        }
        return 16 + 65.481 * (p[at] & 0xff) / 255 + 128.553 * (p[plane + at] & 0xff) / 255
                + 24.966 * (p[2 * plane + at] & 0xff) / 255;
    }

    private static double directPsnr(Picture a, Picture b, int border) {
        double sum = 0;
        int count = 0;
        for (int y = border; y < a.height() - border; y++) {
            for (int x = border; x < a.width() - border; x++, count++) {
                sum += Math.pow(luma(a, y, x) - luma(b, y, x), 2);
            }
        }
        return 20 * Math.log10(255 / Math.sqrt(sum / count));
    }

    /** Weighted moments of every 11x11 window, two-dimensional and centred, as the definition has them. */
    private static double directSsim(Picture a, Picture b, int border) {
        double total = 0;
        int count = 0;
        for (int y = border + 5; y < a.height() - border - 5; y++) {
            for (int x = border + 5; x < a.width() - border - 5; x++, count++) {
                total += directSsimAt(a, b, y, x);
            }
        }
        return total / count;
    }

    private static double directSsimAt(Picture a, Picture b, int y, int x) {
        double[] moments = new double[3]; // weight, mean of a, mean of b
        double[] spread = new double[3]; // variance of a, of b, covariance
        for (int pass = 0; pass < 2; pass++) {
            for (int dy = -5; dy <= 5; dy++) {
                for (int dx = -5; dx <= 5; dx++) {
                    double w = Math.exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
                    double va = luma(a, y + dy, x + dx);
                    double vb = luma(b, y + dy, x + dx);
                    if (pass == 0) {
                        moments[0] += w;
                        moments[1] += w * va;
                        moments[2] += w * vb;
                    } else {
                        double da = va - moments[1] / moments[0];
                        double db = vb - moments[2] / moments[0];
                        spread[0] += w * da * da / moments[0];
                        spread[1] += w * db * db / moments[0];
                        spread[2] += w * da * db / moments[0];
                    }
                }
            }
        }
        double ma = moments[1] / moments[0];
        double mb = moments[2] / moments[0];
        double c1 = 6.5025;
        double c2 = 58.5225;
        return (2 * ma * mb + c1) * (2 * spread[2] + c2)
                / ((ma * ma + mb * mb + c1) * (spread[0] + spread[1] + c2));
    }

    @Test
    void agreesWithADirectComputation() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int trial = 0; trial < 12; trial++) {
            int channels = random.nextBoolean() ? 1 : 3;
            int border = random.nextInt(4);
            int height = 11 + 2 * border + random.nextInt(10);
            int width = 11 + 2 * border + random.nextInt(10);
            Picture a = SrData.random(channels, height, width, random.nextLong());
            byte[] near = a.planes().clone();
            for (int i = 0; i < near.length; i++) {
                near[i] = (byte) Math.max(0, Math.min(255, (near[i] & 0xff) + random.nextInt(41) - 20));
            }
            Picture b = new Picture(a.shape(), near);
            Quality quality = Quality.of(a, b, border);
            assertEquals(directPsnr(a, b, border), quality.psnr(), 1e-9, "seed " + seed);
            assertEquals(directSsim(a, b, border), quality.ssim(), 1e-9, "seed " + seed);
        }
    }

    @Test
    void equalPicturesAreInfinitelyClose() {
        Picture a = SrData.random(3, 20, 20, 1);
        Quality quality = Quality.of(a, a, 2);
        assertEquals(Double.POSITIVE_INFINITY, quality.psnr());
        assertEquals(1, quality.ssim(), 1e-12);
        assertTrue(Double.isNaN(Quality.of(a, a, 5).ssim()), "no window fits");
    }

    @Test
    void wrongExtentsAreRefused() {
        Picture a = SrData.random(1, 20, 20, 1);
        assertThrows(IllegalArgumentException.class, () -> Quality.of(a, SrData.random(1, 20, 21, 1), 2));
        assertThrows(IllegalArgumentException.class, () -> Quality.of(a, a, 10));
    }

    @Test
    void lumaIsThatOfMatlab() {
        int[][] rgb = {{0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {127, 128, 129}};
        int[][] expected = {{16, 128, 128}, {235, 128, 128}, {81, 90, 240}, {145, 54, 34}, {41, 240, 110}};
        byte[] planes = new byte[3 * rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            for (int c = 0; c < 3; c++) {
                planes[c * rgb.length + i] = (byte) rgb[i][c];
            }
        }
        Picture ycbcr = YCbCr.fromRgb(new Picture(new Shape(3, 1, rgb.length), planes));
        for (int i = 0; i < expected.length; i++) {
            for (int c = 0; c < 3; c++) {
                assertEquals(expected[i][c], ycbcr.planes()[c * rgb.length + i] & 0xff, i + " " + c);
            }
        }
    }

    @Test
    void coloursSurviveTheWayThereAndBack() {
        Picture picture = SrData.random(3, 30, 30, 4);
        Picture back = YCbCr.toRgb(YCbCr.fromRgb(picture));
        for (int i = 0; i < back.planes().length; i++) {
            assertEquals(picture.planes()[i] & 0xff, back.planes()[i] & 0xff, 3);
        }
        Picture grey = SrData.random(1, 3, 3, 4);
        assertArrayEquals(grey.planes(), YCbCr.luma(grey).planes());
    }
}
