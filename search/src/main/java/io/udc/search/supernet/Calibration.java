package io.udc.search.supernet;

import io.udc.memory.StepScope;
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
import org.bytedeco.pytorch.Tensor;

/**
 * Brings what rests on the live weights up to date: the quantization steps of least squared error, the measured bits
 * per weight, and the costs that rest on them. Not thread-safe.
 */
public final class Calibration {

    /** Weights of a layer from which its steps are found; more would not change the third digit. */
    private static final int SAMPLE = 8192;

    private final RateCalibrator calibrator;
    private final List<CostModel> costs;
    private final int[] bitWidths;
    private final RateSource source;
    private double seconds;

    /**
     * @param costs the bytes, and what else is limited
     * @param source of the rates by which the search counts
     */
    public Calibration(
            RateCalibrator calibrator, Collection<CostModel> costs, int[] bitWidths, RateSource source) {
        this.calibrator = calibrator;
        this.costs = List.copyOf(costs);
        this.bitWidths = bitWidths.clone();
        this.source = source;
    }

    /** Measures every layer and the likeliest network, by the source that the search was told. */
    void refresh(Supernet supernet, DecisionTable decisions) {
        refresh(supernet, decisions, source);
    }

    /** The same when the search is over: what it found is counted in encoded bytes whatever it was told. */
    void conclude(Supernet supernet, DecisionTable decisions) {
        refresh(supernet, decisions, RateSource.MEASURED);
    }

    private void refresh(Supernet supernet, DecisionTable decisions, RateSource rates) {
        long start = System.nanoTime();
        for (SearchLayer layer : supernet.graph().layers()) {
            float[] weights = supernet.weightArray(layer);
            double[] steps = StepSizes.leastSquares(sample(weights), bitWidths);
            supernet.setSteps(layer, steps);
            if (rates == RateSource.MEASURED) {
                calibrator.measure(layer, weights, steps);
            } else {
                calibrator.assume(layer, rates);
            }
        }
        Choices likeliest = decisions.mostLikely(supernet.graph());
        for (CostModel cost : costs) {
            cost.refreshRates();
            cost.fitTo(likeliest);
        }
        seconds += (System.nanoTime() - start) / 1e9;
    }

    /** The expected value of every cost by its name. */
    Map<String, Double> expected(DecisionTable decisions) {
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
