package io.udc.search.cost;

import io.udc.search.space.SearchLayer;
import io.udc.search.space.SearchSpace;
import io.udc.search.space.SpaceGraph;
import java.util.List;

/**
 * Bits per weight r_l(bits, sparsity) of each layer's stream. Starts with the closed form and is refined by
 * measurements. Several threads may set rates of different layers at a time.
 */
public final class RateTable {

    /**
     * Ethos-U streams stay below this factor of the closed form plus {@link #STREAM_BOUND_BYTES} a stream,
     * whatever the values are (DESIGN section 5: seen for bits 2 to 8, sparsity 0 to 0.95, four distributions).
     */
    public static final double BOUND_FACTOR = 1.11;

    /** See {@link #BOUND_FACTOR}. */
    public static final double STREAM_BOUND_BYTES = 64;

    private final List<Integer> bits;
    private final List<Double> sparsities;
    private final double[][][] rates;

    /** Rates by the closed form. */
    public RateTable(SpaceGraph graph) {
        SearchSpace space = graph.space();
        this.bits = space.weightBits();
        this.sparsities = space.sparsities();
        this.rates = new double[graph.layers().size()][bits.size()][sparsities.size()];
        for (double[][] layer : rates) {
            for (int b = 0; b < bits.size(); b++) {
                for (int s = 0; s < sparsities.size(); s++) {
                    layer[b][s] = closedForm(bits.get(b), sparsities.get(s));
                }
            }
        }
    }

    /**
     * Bits per weight that an ideal code needs at most: min(b, H(s) + (1 - s) b), H the binary entropy
     * (UDC, arXiv 2201.05842, section 4).
     */
    public static double closedForm(int bits, double sparsity) {
        return Math.min(bits, binaryEntropy(sparsity) + (1 - sparsity) * bits);
    }

    private static double binaryEntropy(double p) {
        return p <= 0 || p >= 1 ? 0 : -(p * Math.log(p) + (1 - p) * Math.log(1 - p)) / Math.log(2);
    }

    /** Bits per weight of a layer at an option of bits and of sparsity. */
    public double rate(SearchLayer layer, int bitsOption, int sparsityOption) {
        return rates[layer.index()][bitsOption][sparsityOption];
    }

    /** Replaces one entry by what the backend measured. */
    public void set(SearchLayer layer, int bitsOption, int sparsityOption, double bitsPerWeight) {
        if (!(bitsPerWeight >= 0)) {
            throw new IllegalArgumentException("bitsPerWeight: found " + bitsPerWeight);
        }
        rates[layer.index()][bitsOption][sparsityOption] = bitsPerWeight;
    }

    /** All rates as one array [layers, bits, sparsities] in memory order. */
    public float[] toArray() {
        float[] flat = new float[rates.length * bits.size() * sparsities.size()];
        int i = 0;
        for (double[][] layer : rates) {
            for (double[] row : layer) {
                for (double rate : row) {
                    flat[i++] = (float) rate;
                }
            }
        }
        return flat;
    }
}
