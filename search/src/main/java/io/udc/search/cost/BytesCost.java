package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.Choices;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Encoded bytes of the network: for every layer its weights, padding included, times the measured bits per
 * weight, an overhead for each stream, and 10 bytes of scale and bias for each output channel, padded as the
 * accelerator wants it.
 *
 * <p>The expected value is exact for independent decisions, because the sum is multilinear in their
 * probabilities: sum_l used_l * (sum_aok p_a p_o p_k N_l[a,o,k] * sum_bs p_b p_s r_l[b,s] / 8 + overhead +
 * sum_o p_o records[o]). Where a network has been encoded ({@link #fitTo(Choices, Map)}), its layers' cells
 * of the table hold its own bytes. Not thread-safe.
 */
public final class BytesCost implements CostModel {

    /** Slice header, palette, last chunk's fill and padding to 16 bytes of an ordinary stream. */
    public static final double STREAM_OVERHEAD_BYTES = 24;

    private final SpaceGraph graph;
    private final StreamLayout layout;
    private final RateTable rates;
    private final int options;
    private final ProbabilityGather gather;
    private final float[] counts;
    private final Tensor countTensor;
    private final Tensor fixedBytes;
    private final Tensor rateTensor;
    private final MeasuredCells cells;

    /**
     * @param options row length of the decision table
     * @param rates read again by {@link #refreshRates}
     * @param device where the tables and the probabilities live
     */
    public BytesCost(SpaceGraph graph, int options, StreamLayout layout, RateTable rates, Device device) {
        this.graph = graph;
        this.options = options;
        this.layout = layout;
        this.rates = rates;
        this.gather = new ProbabilityGather(graph.layers(), graph.decisions().size(), options, device);
        int layers = graph.layers().size();
        counts = new float[layers * options * options * options];
        cells = new MeasuredCells(layers, device);
        float[] fixed = new float[layers * options];
        for (SearchLayer layer : graph.layers()) {
            fillTables(layer, fixed);
        }
        try (StepScope scope = StepScope.open()) {
            countTensor = scope.keep(Devices.place(Tensor.create(counts, layers, options, options, options), device));
            fixedBytes = scope.keep(Devices.place(Tensor.create(fixed, layers, options), device));
            rateTensor = scope.keep(Devices.place(Tensor.create(rates.toArray(), layers,
                    graph.space().weightBits().size(), graph.space().sparsities().size()), device));
        }
    }

    private void fillTables(SearchLayer layer, float[] fixed) {
        boolean tied = ProbabilityGather.isTied(layer);
        int inOptions = tied ? 1 : layer.in().options().size();
        for (int o = 0; o < layer.out().options().size(); o++) {
            int out = layer.out().options().get(o);
            fixed[layer.index() * options + o] = (float) (STREAM_OVERHEAD_BYTES + layout.recordBytes(out));
            for (int a = 0; a < inOptions; a++) {
                int in = layer.in().options().get(tied ? o : a);
                for (int k = 0; k < layer.kernel().options().size(); k++) {
                    counts[cell(layer, a, o, k)] =
                            (float) layout.countedWeights(layer, in, out, layer.kernel().options().get(k));
                }
            }
        }
    }

    @Override
    public String name() {
        return "bytes";
    }

    @Override
    public void refreshRates() {
        try (StepScope scope = StepScope.open()) {
            rateTensor.copy_(Tensor.create(rates.toArray(), rateTensor.shape()));
        }
        cells.refresh(graph.layers(), layer -> tabled(layer, cells.cell(layer)));
    }

    /**
     * Takes over the encoded bytes of a network: where a layer has the options that it has there, these
     * count, or the same share more or less than the table once rates have been measured anew.
     *
     * @param layerBytes encoded bytes by the name of the layer
     */
    public void fitTo(Choices choices, Map<String, Long> layerBytes) {
        cells.clear();
        for (SearchLayer layer : graph.usedLayers(choices)) {
            LayerOptions o = LayerOptions.of(layer, choices);
            cells.set(layer, o, layerBytes.get(layer.name()), tabled(layer, o));
        }
        refreshRates();
    }

    @Override
    public Tensor expected(Tensor probabilities) {
        ProbabilityGather.Rows p = gather.gather(probabilities);
        long layers = graph.layers().size();
        Tensor weights = countTensor.mul(p.kernel().view(layers, 1, 1, options)).sum(3L)
                .mul(p.out().view(layers, 1, options)).sum(2L)
                .mul(p.in()).sum(1L);
        long bits = rateTensor.size(1);
        long sparsities = rateTensor.size(2);
        Tensor rate = rateTensor.mul(p.sparsity().narrow(1, 0, sparsities).unsqueeze(1)).sum(2L)
                .mul(p.bits().narrow(1, 0, bits)).sum(1L);
        Tensor fixed = fixedBytes.mul(p.out()).sum(1L);
        Tensor streamBytes = weights.mul(rate).mul(new Scalar(1.0 / 8));
        return streamBytes.add(fixed).add(cells.expectedExcess(p)).mul(p.used()).sum();
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SUM;
    }

    @Override
    public double ofLayer(SearchLayer layer, LayerOptions o) {
        return cells.factor(layer, o) * tabled(layer, o);
    }

    private double tabled(SearchLayer layer, LayerOptions o) {
        double rate = rates.rate(layer, o.bits(), o.sparsity());
        return countedWeights(layer, o) * rate / 8 + STREAM_OVERHEAD_BYTES + layout.recordBytes(o.outChannels(layer));
    }

    @Override
    public double measured(Choices choices) {
        return of(graph, choices);
    }

    private float countedWeights(SearchLayer layer, LayerOptions o) {
        return counts[cell(layer, ProbabilityGather.isTied(layer) ? 0 : o.in(), o.out(), o.kernel())];
    }

    private int cell(SearchLayer layer, int in, int out, int kernel) {
        return ((layer.index() * options + in) * options + out) * options + kernel;
    }

    /**
     * Bytes that the encoded network of these choices cannot exceed, whatever its weights turn out to be;
     * known before any training.
     */
    public double bound(Choices choices) {
        double sum = 0;
        for (SearchLayer layer : graph.usedLayers(choices)) {
            LayerOptions o = LayerOptions.of(layer, choices);
            double rate = RateTable.closedForm(
                    graph.space().weightBits().get(o.bits()), graph.space().sparsities().get(o.sparsity()));
            long padded = layout.paddedWeights(
                    layer, o.inChannels(layer), o.outChannels(layer), o.kernelExtent(layer));
            sum += padded * rate / 8 * RateTable.BOUND_FACTOR + RateTable.STREAM_BOUND_BYTES
                    + layout.recordBytes(o.outChannels(layer));
        }
        return sum;
    }

    @Override
    public void close() {
        for (Tensor tensor : List.of(countTensor, fixedBytes, rateTensor)) {
            tensor.close();
        }
        cells.close();
        gather.close();
    }
}
