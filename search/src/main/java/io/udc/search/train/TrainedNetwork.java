package io.udc.search.train;

import io.udc.integer.IntegerModel;

/**
 * What training gives.
 *
 * @param parameters the trained parameters with steps and ranges, from which training can go on
 * @param model the integer network
 * @param metric what the figures are
 * @param floatMetric of the float teacher on the test pictures; NaN without a teacher
 * @param quantizedMetric that of the fake-quantized network
 * @param integerMetric that of the integer network: the one to report
 * @param seconds wall time
 */
public record TrainedNetwork(
        NetworkParameters parameters,
        IntegerModel model,
        Metric metric,
        double floatMetric,
        double quantizedMetric,
        double integerMetric,
        double seconds) {}
