package io.udc.search.train;

import io.udc.arch.Activation;
import io.udc.integer.Quantization;

/**
 * The range of one feature map's values, from which its int8 quantization follows. Not thread-safe.
 *
 * <p>After a ReLU the values 0 to greatest take all 256 levels; otherwise 0 lies where the range puts it.
 */
final class FeatureRange {

    private static final double MOMENTUM = 0.1;
    private static final double LEAST_EXTENT = 1e-5;

    private final Activation activation;
    private float least; // float32, so that ranges in files are those in use
    private float greatest;
    private boolean seen;

    FeatureRange(Activation activation) {
        this.activation = activation;
    }

    boolean seen() {
        return seen;
    }

    double least() {
        return least;
    }

    double greatest() {
        return greatest;
    }

    /** Sets the range. */
    void set(double newLeast, double newGreatest) {
        least = (float) newLeast;
        greatest = (float) newGreatest;
        seen = true;
    }

    /** Moves the range towards that of a batch; the first batch sets it. */
    void observe(double batchLeast, double batchGreatest) {
        if (seen) {
            set(least + MOMENTUM * (batchLeast - least), greatest + MOMENTUM * (batchGreatest - greatest));
        } else {
            set(batchLeast, batchGreatest);
        }
    }

    /** The quantization of this range, widened to hold 0. */
    Quantization quantization() {
        double low = activation == Activation.RELU ? 0 : Math.min(least, 0);
        double high = Math.max(Math.max(greatest, 0), low + LEAST_EXTENT);
        return withScale((high - low) / 255, low);
    }

    /** The quantization with another scale and the zero point of this range. */
    Quantization quantization(double scale) {
        return new Quantization((float) scale, quantization().zeroPoint());
    }

    private static Quantization withScale(double scale, double low) {
        int zeroPoint = (int) Math.rint(Quantization.MIN - low / scale);
        return new Quantization((float) scale, Math.min(Math.max(zeroPoint, Quantization.MIN), Quantization.MAX));
    }
}
