package io.udc.search.bench;

import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.memory.StepScope;
import io.udc.sr.BicubicResize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** Times the reduction of pictures of DIV2K's size beside OpenCV's. */
public final class ResizeBench {

    private static final int WIDTH = 2040;
    private static final int HEIGHT = 1356;

    /** Together larger than a cache. */
    private static final int PICTURES = 4;

    private static final int WARM_UPS = 3;
    private static final int ROUNDS = 9;
    private static final int[] SCALES = {2, 3, 4};

    private ResizeBench() {}

    /**
     * Measures.
     *
     * @param progress is told each row
     */
    public static List<ResizeTiming> run(Consumer<ResizeTiming> progress) {
        List<Picture> pictures = pictures();
        List<ResizeTiming> rows = new ArrayList<>();
        for (int scale : SCALES) {
            ResizeTiming row = new ResizeTiming(scale, speed(() -> reduce(pictures, scale)), opencv(pictures, scale));
            progress.accept(row);
            rows.add(row);
        }
        return rows;
    }

    /** Their values do not matter to either. */
    private static List<Picture> pictures() {
        SplittableRandom random = new SplittableRandom(1);
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < PICTURES; i++) {
            Shape shape = new Shape(3, HEIGHT, WIDTH);
            byte[] planes = new byte[Math.toIntExact(shape.elements())];
            random.nextBytes(planes);
            pictures.add(new Picture(shape, planes));
        }
        return pictures;
    }

    private static void reduce(List<Picture> pictures, int scale) {
        pictures.forEach(picture -> BicubicResize.downscale(picture, scale));
    }

    @SuppressWarnings("try") // the scope works by being open
    private static double opencv(List<Picture> pictures, int scale) {
        try (StepScope scope = StepScope.open()) {
            List<Mat> mats = new ArrayList<>();
            for (Picture picture : pictures) {
                Mat mat = new Mat(HEIGHT, WIDTH, opencv_core.CV_8UC3);
                mat.data().put(picture.planes());
                mats.add(mat);
            }
            Mat reduced = new Mat();
            Size size = new Size(WIDTH / scale, HEIGHT / scale);
            return speed(() -> mats.forEach(
                    mat -> opencv_imgproc.resize(mat, reduced, size, 0, 0, opencv_imgproc.INTER_CUBIC)));
        }
    }

    /** Median over the rounds of the megapixels per second of one round. */
    private static double speed(Runnable round) {
        for (int i = 0; i < WARM_UPS; i++) {
            round.run();
        }
        double[] seconds = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            round.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return PICTURES * (double) WIDTH * HEIGHT / 1e6 / seconds[ROUNDS / 2];
    }
}
