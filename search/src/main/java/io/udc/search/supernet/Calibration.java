package io.udc.search.supernet;

import io.udc.search.cost.BytesCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.space.SearchLayer;
import io.udc.search.train.StepSizes;

/**
 * Brings what rests on the live weights up to date: the quantization steps of least squared error, and the measured
 * bits per weight of the bytes cost. Not thread-safe.
 */
public final class Calibration {

    /** Weights of a layer from which its steps are found; more would not change the third digit. */
    private static final int SAMPLE = 8192;

    private final RateCalibrator calibrator;
    private final BytesCost bytes;
    private final int[] bitWidths;
    private final boolean measureRates;
    private double seconds;

    /**
     * @param measureRates whether rates are measured; otherwise the closed form stays
     */
    public Calibration(RateCalibrator calibrator, BytesCost bytes, int[] bitWidths, boolean measureRates) {
        this.calibrator = calibrator;
        this.bytes = bytes;
        this.bitWidths = bitWidths.clone();
        this.measureRates = measureRates;
    }

    /** Measures every layer. */
    public void measure(Supernet supernet) {
        long start = System.nanoTime();
        for (SearchLayer layer : supernet.graph().layers()) {
            float[] weights = supernet.weightArray(layer);
            double[] steps = StepSizes.leastSquares(sample(weights), bitWidths);
            supernet.setSteps(layer, steps);
            if (measureRates) {
                calibrator.measure(layer, weights, steps);
            }
        }
        bytes.refreshRates();
        seconds += (System.nanoTime() - start) / 1e9;
    }

    /** Time spent so far. */
    double seconds() {
        return seconds;
    }

    private static float[] sample(float[] weights) {
        if (weights.length <= SAMPLE) {
            return weights;
        }
        float[] sample = new float[SAMPLE];
        for (int i = 0; i < SAMPLE; i++) {
            sample[i] = weights[(int) ((long) i * weights.length / SAMPLE)];
        }
        return sample;
    }
}
