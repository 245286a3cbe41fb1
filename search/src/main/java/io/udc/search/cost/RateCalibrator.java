package io.udc.search.cost;

import io.udc.arch.WeightShape;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.Arrays;
import java.util.List;

/**
 * Measures r_l(bits, sparsity): quantizes and prunes a layer's weights at every pair of options, and asks the encoder
 * how long the stream gets. Several threads may measure different layers at a time.
 */
public final class RateCalibrator {

    /** Weights of a layer from which its rates are measured; more would cost time and tell little. */
    private static final int SAMPLE = 16_384;

    /** Streams are made of blocks of so many output channels. */
    private static final int BLOCK_CHANNELS = 16;

    private final List<Integer> bits;
    private final List<Double> sparsities;
    private final StreamLayout layout;
    private final RateTable rates;

    /**
     * @param rates where the measurements go
     */
    public RateCalibrator(SpaceGraph graph, StreamLayout layout, RateTable rates) {
        this.bits = graph.space().weightBits();
        this.sparsities = graph.space().sparsities();
        this.layout = layout;
        this.rates = rates;
    }

    /**
     * Measures one layer; a large one by its first output channels, which networks of all widths have.
     *
     * @param weights [out, in, k, k] at the layer's widest
     * @param steps quantization step of each bit width
     */
    public void measure(SearchLayer layer, float[] weights, double[] steps) {
        int channels = sampledChannels(layer.widest());
        measure(layer, channels, Arrays.copyOf(weights, channels * layer.widest().perChannel()), steps);
    }

    private static int sampledChannels(WeightShape shape) {
        int blocks = Math.max(1, SAMPLE / (shape.perChannel() * BLOCK_CHANNELS));
        return Math.min(shape.outChannels(), blocks * BLOCK_CHANNELS);
    }

    private void measure(SearchLayer layer, int channels, float[] weights, double[] steps) {
        double counted = layout.countedWeights(layer, layer.in().largest(), channels, layer.kernel().largest());
        double[] thresholds = thresholds(weights);
        byte[] dense = new byte[weights.length];
        byte[] pruned = new byte[weights.length];
        for (int b = 0; b < bits.size(); b++) {
            quantize(weights, steps[b], (1 << (bits.get(b) - 1)) - 1, dense);
            for (int s = 0; s < sparsities.size(); s++) {
                for (int i = 0; i < weights.length; i++) {
                    pruned[i] = Math.abs(weights[i]) >= thresholds[s] ? dense[i] : 0;
                }
                double streamBytes = layout.streamBytes(layer, channels, pruned) - BytesCost.STREAM_OVERHEAD_BYTES;
                rates.set(layer, b, s, Math.max(0, streamBytes * 8 / counted));
            }
        }
    }

    /** Takes one layer's rates from a formula instead. */
    public void assume(SearchLayer layer, RateSource source) {
        for (int b = 0; b < bits.size(); b++) {
            for (int s = 0; s < sparsities.size(); s++) {
                double rate = switch (source) {
                    case CLOSED_FORM -> RateTable.closedForm(bits.get(b), sparsities.get(s));
                    case PARAMETERS -> (1 - sparsities.get(s)) * bits.get(b);
                    case MEASURED -> throw new IllegalArgumentException("source: found MEASURED, expected a formula");
                };
                rates.set(layer, b, s, rate);
            }
        }
    }

    /** The magnitude below which a weight is pruned, for every sparsity. */
    private double[] thresholds(float[] weights) {
        float[] magnitudes = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            magnitudes[i] = Math.abs(weights[i]);
        }
        Arrays.sort(magnitudes);
        return sparsities.stream()
                .mapToDouble(s -> magnitudes[Math.min(weights.length - 1, (int) Math.round(s * weights.length))])
                .toArray();
    }

    private static void quantize(float[] weights, double step, int most, byte[] levels) {
        float inverse = (float) (1 / step);
        for (int i = 0; i < weights.length; i++) {
            levels[i] = (byte) Math.max(-most, Math.min(most, Math.rint(weights[i] * inverse)));
        }
    }
}
