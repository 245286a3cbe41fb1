package io.udc.search.train;

import io.udc.integer.IntegerModel;

/**
 * What training gives.
 *
 * @param parameters the trained parameters with steps and ranges, from which training can go on
 * @param model the integer network
 * @param floatAccuracy share of the test pictures that the float teacher gets right, 0 to 1; NaN without a teacher
 * @param quantizedAccuracy that of the fake-quantized network
 * @param integerAccuracy that of the integer network: the one to report
 * @param seconds wall time
 */
public record TrainedNetwork(
        NetworkParameters parameters,
        IntegerModel model,
        double floatAccuracy,
        double quantizedAccuracy,
        double integerAccuracy,
        double seconds) {

    /** The greatest difference of the two accuracies that is not a defect. */
    public static final double GREATEST_GAP = 0.003;

    /** Whether the integer network falls short of the fake-quantized one by more than rounding explains. */
    public boolean hasGap() {
        return Math.abs(quantizedAccuracy - integerAccuracy) > GREATEST_GAP;
    }
}
