package io.udc.npu;

import java.util.List;

/**
 * What a network costs.
 *
 * @param cycles sums over the operators
 * @param milliseconds time of one inference
 * @param macs multiply-accumulates
 * @param encodedBytes weights and scales
 * @param originalWeights number of weights after Vela's rewrites
 * @param peakSramBytes the most SRAM that feature maps and weight buffers take at a time
 * @param spilledTensors intermediate feature maps that do not fit in the SRAM of a Dedicated mode; if there are any,
 *     the figures are not Vela's
 * @param operators in execution order
 */
public record NetworkEstimate(
        LayerCycles cycles,
        double milliseconds,
        long macs,
        long encodedBytes,
        long originalWeights,
        long peakSramBytes,
        int spilledTensors,
        List<LayerEstimate> operators) {

    public NetworkEstimate {
        operators = List.copyOf(operators);
    }
}
