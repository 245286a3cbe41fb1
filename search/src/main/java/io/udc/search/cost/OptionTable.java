package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A figure for every layer under each of its options, and the figures' expected values for all layers at once. The
 * table is [layers, in, out, kernel, compressions]; an input width that is tied to the output has one entry.
 * Immutable.
 */
final class OptionTable implements AutoCloseable {

    /** The figure of a layer under one option of each of its decisions. */
    @FunctionalInterface
    interface Figure {
        double of(SearchLayer layer, LayerOptions options);
    }

    private final int options;
    private final int compressions;
    private final int sparsities;
    private final float[] figures;
    private final Tensor table;
    private final ProbabilityGather gather;

    /**
     * @param options row length of the decision table
     * @param device where the table and the probabilities live
     */
    OptionTable(SpaceGraph graph, int options, Device device, Figure figure) {
        int bits = graph.space().weightBits().size();
        this.options = options;
        this.sparsities = graph.space().sparsities().size();
        this.compressions = bits * sparsities;
        int layers = graph.layers().size();
        this.figures = new float[layers * options * options * options * compressions];
        for (SearchLayer layer : graph.layers()) {
            fill(layer, bits, figure);
        }
        this.gather = new ProbabilityGather(graph.layers(), graph.decisions().size(), options, device);
        try (StepScope scope = StepScope.open()) {
            table = scope.keep(Devices.place(
                    Tensor.create(figures, layers, (long) options * options * options, compressions), device));
        }
    }

    private void fill(SearchLayer layer, int bits, Figure figure) {
        boolean tied = ProbabilityGather.isTied(layer);
        for (int in = 0; in < (tied ? 1 : layer.in().options().size()); in++) {
            for (int out = 0; out < layer.out().options().size(); out++) {
                for (int kernel = 0; kernel < layer.kernel().options().size(); kernel++) {
                    for (int b = 0; b < bits; b++) {
                        for (int s = 0; s < sparsities; s++) {
                            LayerOptions chosen = new LayerOptions(tied ? out : in, out, kernel, b, s);
                            figures[cell(layer, chosen)] = (float) figure.of(layer, chosen);
                        }
                    }
                }
            }
        }
    }

    double of(SearchLayer layer, LayerOptions chosen) {
        return figures[cell(layer, chosen)];
    }

    /**
     * The figures' expected values when every decision is drawn on its own, each times the probability that the
     * network has the layer: [layers], differentiable. Exact, because a figure is multilinear in the probabilities.
     *
     * @param probabilities [decisions, options]
     */
    Tensor expected(Tensor probabilities) {
        ProbabilityGather.Rows p = gather.gather(probabilities);
        long layers = table.size(0);
        Tensor compression = p.bits().narrow(1, 0, compressions / sparsities).unsqueeze(2)
                .mul(p.sparsity().narrow(1, 0, sparsities).unsqueeze(1))
                .view(layers, compressions, 1);
        Tensor extents = p.in().view(layers, options, 1, 1)
                .mul(p.out().view(layers, 1, options, 1))
                .mul(p.kernel().view(layers, 1, 1, options))
                .view(layers, (long) options * options * options);
        return table.bmm(compression).squeeze(2L).mul(extents).sum(1L).mul(p.used());
    }

    private int cell(SearchLayer layer, LayerOptions chosen) {
        int in = ProbabilityGather.isTied(layer) ? 0 : chosen.in();
        int extents = ((layer.index() * options + in) * options + chosen.out()) * options + chosen.kernel();
        return extents * compressions + chosen.bits() * sparsities + chosen.sparsity();
    }

    @Override
    public void close() {
        table.close();
        gather.close();
    }
}
