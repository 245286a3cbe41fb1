package io.udc.search.run;

import java.util.List;

/**
 * What a run has reached: result.json.
 *
 * @param task name of the task
 * @param metricName {@code accuracy} (percent) or {@code psnr} (dB)
 * @param metric of the integer network, decoded from model.udc, on the test set
 * @param fakeQuantizedMetric of the trained network before the integer conversion; null if it was not measured
 * @param encodedBytes bytes of the encoded tensors
 * @param budgetBytes the budget; null if there was none
 * @param closedFormBytes bytes by the closed form min(b, H(s) + (1-s)b)
 * @param entropyBytes bytes by the weights' zero-order entropy
 * @param latencyMs estimated time of one inference on {@code npu}, milliseconds
 * @param maxLatencyMs latency budget; null if there was none
 * @param sramBytes peak SRAM of the feature maps
 * @param maxSramBytes SRAM budget; null if there was none
 * @param npu name of the accelerator
 * @param macs multiply-accumulates of one inference
 * @param weights number of weights
 * @param seed of the run
 * @param wallSeconds time of the whole run, over all its resumptions
 * @param searchedBytes the bytes when the search was over; null if there was no search
 * @param layers one row per layer with weights, in execution order
 * @param competitors the uniform networks that were trained beside it
 */
public record Result(
        String task,
        String metricName,
        double metric,
        Double fakeQuantizedMetric,
        long encodedBytes,
        Long budgetBytes,
        long closedFormBytes,
        long entropyBytes,
        double latencyMs,
        Double maxLatencyMs,
        long sramBytes,
        Long maxSramBytes,
        String npu,
        long macs,
        long weights,
        long seed,
        double wallSeconds,
        SearchedBytes searchedBytes,
        List<Layer> layers,
        List<Competitor> competitors) {

    public Result {
        layers = List.copyOf(layers);
        competitors = List.copyOf(competitors);
    }

    /** The same for a run that kept no limits. */
    public Result withoutLimits() {
        return new Result(task, metricName, metric, fakeQuantizedMetric, encodedBytes, null, closedFormBytes,
                entropyBytes, latencyMs, null, sramBytes, null, npu, macs, weights, seed, wallSeconds,
                searchedBytes, layers, competitors);
    }

    /**
     * The bytes when a search was over, before the found network was fitted to its limits and trained.
     *
     * @param expected under the decisions' probabilities, with the rates measured last
     * @param encoded of the discretised network
     */
    public record SearchedBytes(double expected, long encoded) {

        /** How much more was expected than there is, percent. */
        public double errorPercent() {
            return 100 * (expected / encoded - 1);
        }
    }

    /**
     * A layer of the network that was found.
     *
     * @param name of its node
     * @param operator such as {@code conv 3x3} or {@code depthwise 5x5}
     * @param inChannels input width
     * @param outChannels output width
     * @param bits weight bit width
     * @param sparsity share of the weights that is zero in the file, 0 to 1
     * @param weights number of weights
     * @param encodedBytes bytes of its tensor, records included
     * @param cycles estimated cycles on the accelerator
     */
    public record Layer(
            String name,
            String operator,
            int inChannels,
            int outChannels,
            int bits,
            double sparsity,
            long weights,
            long encodedBytes,
            double cycles) {

        /** Encoded bits for each weight. */
        public double bitsPerWeight() {
            return encodedBytes * 8.0 / weights;
        }
    }

    /**
     * A uniform network, trained by the same recipe.
     *
     * @param name such as {@code uniform 8-bit}
     * @param bits weight bit width of every layer
     * @param sparsity share of the weights that is pruned in every layer
     * @param metric like {@link Result#metric}
     * @param encodedBytes like {@link Result#encodedBytes}
     */
    public record Competitor(String name, int bits, double sparsity, double metric, long encodedBytes) {}
}
