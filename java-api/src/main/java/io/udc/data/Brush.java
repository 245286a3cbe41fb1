package io.udc.data;

import java.util.SplittableRandom;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.MatVector;
import org.bytedeco.opencv.opencv_core.Point;
import org.bytedeco.opencv.opencv_core.Scalar;

/**
 * Draws one picture of {@link ShapesDataset}: background, strokes behind, the figure, strokes in front,
 * noise. The constants set how hard the data set is; they were chosen by training small networks on it.
 */
final class Brush {

    /** Coordinates are in 1/16 pixel, so that edges are antialiased at their true place. */
    private static final int SHIFT = 4;

    private static final double MIN_RADIUS = 8;
    private static final double MAX_RADIUS = 13;
    private static final int MIN_CONTRAST = 90;
    private static final int MAX_STROKES = 1;
    private static final double MAX_TURN = Math.PI / 6;
    private static final double MAX_NOISE = 10;

    private final Mat canvas;
    private final SplittableRandom random;

    /**
     * Draws on an 8-bit picture of three interleaved channels; native temporaries go to the caller's scope.
     */
    Brush(Mat canvas, SplittableRandom random) {
        this.canvas = canvas;
        this.random = random;
    }

    /** A gradient between two colours with a wave across it, interleaved. */
    static void background(byte[] pixels, int side, SplittableRandom random) {
        double angle = random.nextDouble(2 * Math.PI);
        double dx = StrictMath.cos(angle) / side;
        double dy = StrictMath.sin(angle) / side;
        double[] wave = wave(side, random);
        for (int channel = 0; channel < 3; channel++) {
            double base = 48 + random.nextDouble(160);
            double slope = random.nextDouble(-40, 40);
            double height = random.nextDouble(-12, 12);
            for (int y = 0; y < side; y++) {
                for (int x = 0; x < side; x++) {
                    double value = base + slope * (dx * (x - side / 2) + dy * (y - side / 2));
                    pixels[(y * side + x) * 3 + channel] =
                            clamp(value + height * wave[(x * 3 + y * 5) % side]);
                }
            }
        }
    }

    private static double[] wave(int side, SplittableRandom random) {
        int periods = 1 + random.nextInt(8);
        double[] wave = new double[side];
        for (int i = 0; i < side; i++) {
            wave[i] = StrictMath.sin(2 * Math.PI * periods * i / side);
        }
        return wave;
    }

    /** The figure with strokes behind and in front of it. */
    void figure(Figure figure) {
        double radius = random.nextDouble(MIN_RADIUS, MAX_RADIUS);
        double room = canvas.cols() - 2 * radius;
        double x = radius + random.nextDouble(room);
        double y = radius + random.nextDouble(room);
        for (int strokes = random.nextInt(MAX_STROKES + 1); strokes > 0; strokes--) {
            stroke();
        }
        fill(figure.contours(), x, y, radius, contrasting((int) x, (int) y));
        for (int strokes = random.nextInt(MAX_STROKES + 1); strokes > 0; strokes--) {
            stroke();
        }
    }

    private void fill(double[][] contours, double x, double y, double radius, Scalar colour) {
        double angle = random.nextDouble(-MAX_TURN, MAX_TURN);
        double cos = radius * StrictMath.cos(angle) * (1 << SHIFT);
        double sin = radius * StrictMath.sin(angle) * (1 << SHIFT);
        MatVector polygons = new MatVector(contours.length);
        for (int i = 0; i < contours.length; i++) {
            double[] contour = contours[i];
            int[] points = new int[contour.length];
            for (int p = 0; p < points.length; p += 2) {
                points[p] = (int) Math.round(x * (1 << SHIFT) + cos * contour[p] - sin * contour[p + 1]);
                points[p + 1] = (int) Math.round(y * (1 << SHIFT) + sin * contour[p] + cos * contour[p + 1]);
            }
            polygons.put(i, new Mat(points.length / 2, 1, opencv_core.CV_32SC2, new IntPointer(points)));
        }
        opencv_imgproc.fillPoly(canvas, polygons, colour, opencv_imgproc.LINE_AA, SHIFT, new Point(0, 0));
    }

    /**
     * A colour that differs from the canvas at a place by at least the least contrast in its best channel.
     */
    private Scalar contrasting(int x, int y) {
        double[] colour = new double[3];
        int farthest = random.nextInt(3);
        for (int channel = 0; channel < 3; channel++) {
            colour[channel] = random.nextDouble(256);
        }
        int there = canvas.ptr(y, x).get(farthest) & 0xff;
        double distance = random.nextDouble(MIN_CONTRAST, 127);
        colour[farthest] = there < 128 ? there + distance : there - distance;
        return new Scalar(colour[0], colour[1], colour[2], 0);
    }

    private void stroke() {
        int extent = canvas.cols() << SHIFT;
        Point from = new Point(random.nextInt(extent), random.nextInt(extent));
        int reach = 14 << SHIFT;
        Point to = new Point(
                from.x() + random.nextInt(2 * reach) - reach, from.y() + random.nextInt(2 * reach) - reach);
        Scalar colour = new Scalar(random.nextDouble(256), random.nextDouble(256), random.nextDouble(256), 0);
        opencv_imgproc.line(canvas, from, to, colour, 1 + random.nextInt(2), opencv_imgproc.LINE_AA, SHIFT);
    }

    /** Adds noise and separates the channels. */
    static void finish(byte[] interleaved, int side, SplittableRandom random, byte[] planes, int offset) {
        int plane = side * side;
        double scale = random.nextDouble(MAX_NOISE) / FOUR_BYTES_DEVIATION;
        for (int i = 0; i < interleaved.length; i += 2) {
            long bits = random.nextLong();
            for (int k = i; k < i + 2; k++, bits >>>= 32) {
                int sum = (int) (bits & 0xff) + (int) (bits >> 8 & 0xff) + (int) (bits >> 16 & 0xff)
                        + (int) (bits >> 24 & 0xff);
                planes[offset + k % 3 * plane + k / 3] =
                        clamp((interleaved[k] & 0xff) + (sum - FOUR_BYTES_MEAN) * scale);
            }
        }
    }

    /** The sum of four random bytes stands for a normal variable. */
    private static final double FOUR_BYTES_MEAN = 510;

    private static final double FOUR_BYTES_DEVIATION = Math.sqrt(4 * (65536 - 1) / 12.0);

    private static byte clamp(double value) {
        return (byte) Math.max(0, Math.min(255, Math.round(value)));
    }
}
