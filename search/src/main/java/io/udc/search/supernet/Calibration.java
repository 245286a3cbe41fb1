package io.udc.search.supernet;

import io.udc.memory.StepScope;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.CostModel;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateSource;
import io.udc.search.space.Choices;
import io.udc.search.space.SearchLayer;
import io.udc.search.train.StepSizes;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/**
 * Brings what rests on the live weights up to date: the quantization steps of least squared error, the measured bits
 * per weight, and the costs that rest on them. Layers are measured side by side. Not thread-safe.
 */
public final class Calibration {

    /** Weights of a layer from which its steps are found; more would not change the third digit. */
    private static final int SAMPLE = 8192;

    private final RateCalibrator calibrator;
    private final List<CostModel> costs;
    private final int[] bitWidths;
    private final RateSource source;
    private final BytesCost bytes;
    private final Function<Subnet, Map<String, Long>> encodedLayers;
    private double seconds;

    /**
     * @param costs the bytes, and what else is limited
     * @param source of the rates by which the search counts
     * @param bytes the one of the costs that is corrected by encoding the likeliest network
     * @param encodedLayers encodes a network: bytes by the names of its layers
     */
    public Calibration(
            RateCalibrator calibrator,
            Collection<CostModel> costs,
            int[] bitWidths,
            RateSource source,
            BytesCost bytes,
            Function<Subnet, Map<String, Long>> encodedLayers) {
        this.calibrator = calibrator;
        this.costs = List.copyOf(costs);
        this.bitWidths = bitWidths.clone();
        this.source = source;
        this.bytes = bytes;
        this.encodedLayers = encodedLayers;
    }

    /**
     * Measures all that changes from step to step, by the source that the search was told. Where rates are measured, the
     * likeliest network is encoded to correct the expected bytes.
     */
    void refresh(Supernet supernet, DecisionTable decisions) {
        measure(supernet, decisions, source);
    }

    /** The same when the search is over: what it found is counted in encoded bytes whatever it was told. */
    void conclude(Supernet supernet, DecisionTable decisions) {
        measure(supernet, decisions, RateSource.MEASURED);
    }

    private void measure(Supernet supernet, DecisionTable decisions, RateSource rates) {
        long start = System.nanoTime();
        List<SearchLayer> layers = supernet.graph().layers();
        List<float[]> weights = layers.stream().map(supernet::weightArray).toList();
        double[][] steps = new double[layers.size()][];
        layers.parallelStream().forEach(layer ->
                steps[layer.index()] = measure(layer, weights.get(layer.index()), rates));
        layers.forEach(layer -> supernet.setSteps(layer, steps[layer.index()]));
        Choices likeliest = decisions.mostLikely(supernet.graph());
        costs.forEach(CostModel::refreshRates);
        if (rates == RateSource.MEASURED) {
            bytes.fitTo(likeliest, encodedLayers.apply(Subnet.of(supernet, likeliest)));
        }
        costs.forEach(cost -> cost.fitTo(likeliest));
        seconds += (System.nanoTime() - start) / 1e9;
    }

    /** The steps of a layer; sets its rates. */
    private double[] measure(SearchLayer layer, float[] weights, RateSource rates) {
        double[] steps = StepSizes.leastSquares(sample(weights), bitWidths);
        if (rates == RateSource.MEASURED) {
            calibrator.measure(layer, weights, steps);
        } else {
            calibrator.assume(layer, rates);
        }
        return steps;
    }

    /** Encoded bytes of the likeliest network. */
    long encodedBytes(Supernet supernet, DecisionTable decisions) {
        Subnet likeliest = Subnet.of(supernet, decisions.mostLikely(supernet.graph()));
        return encodedLayers.apply(likeliest).values().stream().mapToLong(Long::longValue).sum();
    }

    /** The expected value of every cost by its name. */
    public Map<String, Double> expected(DecisionTable decisions) {
        Map<String, Double> expected = new HashMap<>();
        try (StepScope scope = StepScope.open()) {
            Tensor p = decisions.probabilities();
            costs.forEach(cost -> expected.put(cost.name(), cost.expected(p).item_double()));
        }
        return expected;
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
