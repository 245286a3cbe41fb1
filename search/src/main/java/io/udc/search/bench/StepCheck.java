package io.udc.search.bench;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.device.FullFloat32;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import java.util.List;
import java.util.Locale;

/** Compares the losses of the first steps of two searches of the same seed. */
public final class StepCheck {

    private static final int STEPS = 50;

    /**
     * Differences that are allowed at the last step, as a share of the loss; in proportion less before.
     * Rounding grows by the quantizers' steps: on the CPU, kernels and convolutions that round in another way
     * lead to differences of 0.0014 behind 20 steps and 0.012 behind 50 (space shapes, batch 64).
     */
    private static final double TOLERANCE = 0.03;

    private StepCheck() {}

    /** Has a run take one epoch of search, in which learning rates are those of real ones. */
    public static void configure(RunConfigBuilder builder, int batchSize) {
        BenchedSearch.configure(builder, batchSize, 1);
    }

    /**
     * Two searches on the CPU, or one there and one on the GPU of the configuration.
     *
     * @param config made with {@link #configure}
     * @return what was compared, a sentence; on the CPU the losses are equal bit for bit; between CPU and
     *     GPU, in float32 without TF32, they differ by at most 3% of their value, in proportion less before
     *     the last step
     * @throws IllegalStateException naming the first step whose losses differ by more
     */
    public static String run(RunConfig config) {
        Devices.use(config.device(), config.threads());
        BenchedSearch search = new BenchedSearch(config);
        List<Double> expected = losses(search, Device.CPU);
        List<Double> found = losses(search, config.device());
        if (!config.device().isCuda()) {
            compare(expected, found, 0);
            return STEPS + " steps have the same losses in both runs";
        }
        double greatest = compare(expected, found, TOLERANCE);
        return String.format(Locale.ROOT, "%d steps lose the same on cpu and %s but for %.2g%% of a loss",
                STEPS, config.device(), 100 * greatest);
    }

    @SuppressWarnings("try")
    private static List<Double> losses(BenchedSearch search, Device device) {
        LossCurve curve = new LossCurve(STEPS);
        try (FullFloat32 exact = FullFloat32.open()) {
            search.run(device, curve, note -> { });
        }
        return curve.losses();
    }

    /**
     * Compares two curves of the same length.
     *
     * @param tolerance difference that is allowed at the last step, as a share of the loss; in proportion
     *     less before
     * @return the greatest difference of two losses as a share of the first
     */
    static double compare(List<Double> expected, List<Double> found, double tolerance) {
        double greatest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double difference = Math.abs(found.get(i) - expected.get(i)) / Math.abs(expected.get(i));
            double allowed = tolerance * (i + 1) / expected.size();
            if (!(difference <= allowed)) {
                throw new IllegalStateException("step " + (i + 1) + ": found losses " + expected.get(i) + " and "
                        + found.get(i) + " in two searches of the same seed, expected "
                        + (allowed == 0
                                ? "the same bits"
                                : String.format(Locale.ROOT,
                                        "a difference of at most %.2g%% of the first", 100 * allowed)));
            }
            greatest = Math.max(greatest, difference);
        }
        return greatest;
    }
}
