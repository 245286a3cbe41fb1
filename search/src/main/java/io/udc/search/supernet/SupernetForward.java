package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.device.Precision;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.Head;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.train.DenseOperator;
import io.udc.search.train.DepthwiseOperator;
import io.udc.search.train.GraphCuts;
import io.udc.search.train.NormalizedMaps;
import io.udc.search.train.Padding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The forward pass of the supernet on effective weights and gated scales and shifts. Linear operators of a block are one
 * convolution where they can, the others run side by side; widths, expansions and kernels are shares of one tensor. A
 * block ends with one sum of its operators' maps, each normalized by itself, and of its input.
 */
final class SupernetForward implements AutoCloseable {

    private static final double MOMENTUM = 0.1;

    /** What stands in for the statistics of a batch where there is no batch norm. */
    private record Statistics(Tensor mean, Tensor variance) {}

    private final SpaceGraph graph;
    private final List<LayerTensors> tensors;
    private final Precision precision;
    private final GraphCuts cuts;
    private final boolean cutsBlocks;
    private final Map<Integer, Statistics> fixed = new HashMap<>();
    private final Set<SearchLayer> leftOut = new HashSet<>();

    /** @param cuts of the graph of each pass */
    SupernetForward(
            SpaceGraph graph, List<LayerTensors> tensors, Precision precision, Device device, GraphCuts cuts) {
        this.graph = graph;
        this.cuts = cuts;
        this.precision = precision;
        this.tensors = tensors;
        this.cutsBlocks = !device.isCuda()
                || graph.layers().stream().anyMatch(layer -> layer.type() == SearchLayer.Type.DEPTHWISE);
        if (!graph.head().hasBatchNorm()) {
            graph.layers().forEach(layer -> fixed.put(layer.index(), fixedStatistics(layer, device)));
        }
    }

    private Statistics fixedStatistics(SearchLayer layer, Device device) {
        try (StepScope scope = StepScope.open()) {
            Tensor zeros = torch.zeros(layer.out().largest());
            double variance = graph.fixedVariance(layer) - NormalizedMaps.EPSILON;
            return new Statistics(
                    scope.keep(Devices.place(zeros, device)),
                    scope.keep(Devices.place(zeros.add(new Scalar(variance)), device)));
        }
    }

    /**
     * Chooses the operators that the following passes compute.
     *
     * @param least operators less likely to be used are left out, as if their gate were closed
     * @param probabilities of each decision's options
     */
    void leaveOutBelow(double least, double[][] probabilities) {
        leftOut.clear();
        for (SearchBlock block : graph.blocks()) {
            double kept = block.depth() == Extent.FIXED ? 1 : probabilities[block.depth()][Decision.KEEP];
            for (int option = 0; option < block.operators().size(); option++) {
                double chosen = block.operator() == Extent.FIXED ? 1 : probabilities[block.operator()][option];
                if (kept * chosen < least) {
                    leftOut.add(block.operators().get(option).last());
                }
            }
        }
    }

    /** The last layers of the operators that are not computed. */
    Set<SearchLayer> leftOut() {
        return Set.copyOf(leftOut);
    }

    /** The output for pictures [N, C, H, W] under these probabilities, [decisions, options]. */
    Tensor run(Tensor images, Tensor probabilities) {
        cuts.clear();
        Tensor trunk = sum(List.of(convolve(graph.stem(), images)), null, true);
        for (SearchBlock block : graph.blocks()) {
            // Operators are cut out of the graph, which must not branch in front of them.
            trunk = block(block, cutsBlocks ? cuts.at(trunk) : trunk, probabilities);
        }
        SearchLayer last = graph.last();
        if (graph.head() instanceof Head.Upscaler upscaler) {
            Tensor residual = sum(List.of(convolve(last, cutsBlocks ? cuts.at(trunk) : trunk)), null, false);
            return torch.pixel_shuffle(residual.add(images), upscaler.scale());
        }
        LayerTensors t = tensors.get(last.index());
        Tensor features = Precision.FLOAT32.of(trunk).mean(2L, 3L);
        Tensor weights = t.mixed().view(last.out().largest(), last.in().largest());
        return torch.linear(features, weights).mul(t.scale()).add(t.shift());
    }

    /** Completes the backward pass of what {@link #run} returned. */
    void backward() {
        cuts.backward();
    }

    private Tensor block(SearchBlock block, Tensor trunk, Tensor probabilities) {
        List<SearchOperator> computed = block.operators().stream()
                .filter(operator -> !leftOut.contains(operator.last()))
                .toList();
        LinearOperators joined = LinearOperators.of(block, computed);
        List<NormalizedMaps.Term> terms = new ArrayList<>();
        if (!joined.operators().isEmpty()) {
            terms.add(joined(joined, trunk, probabilities));
        }
        for (SearchOperator operator : computed) {
            if (!joined.operators().contains(operator)) {
                terms.add(operator(operator, trunk));
            }
        }
        return terms.isEmpty() ? trunk : sum(terms, block.residual() ? trunk : null, true);
    }

    private NormalizedMaps.Term joined(LinearOperators joined, Tensor trunk, Tensor probabilities) {
        List<LayerTensors> last = joined.operators().stream()
                .map(operator -> tensors.get(operator.last().index()))
                .toList();
        // Weights and scale continue the backward pass one after the other, so their parts of the graph are two.
        Tensor weights = joined.weights(tensors, joined.shares(probabilities));
        Tensor scale = sum(last, LayerTensors::scale);
        // A sum of maps that are normalized one by one, and independent, has this deviation; batch norm would make it 1,
        // and then nothing would be gained by deciding for one of them.
        Tensor gated = fixed.isEmpty() ? scale.mul(joined.shares(probabilities).norm()) : scale;
        return convolve(joined.dense(), trunk, weights, gated, sum(last, LayerTensors::shift));
    }

    private static Tensor sum(List<LayerTensors> layers, Function<LayerTensors, Tensor> part) {
        return layers.stream().map(part).reduce(Tensor::add).orElseThrow();
    }

    private NormalizedMaps.Term operator(SearchOperator operator, Tensor trunk) {
        Tensor map = trunk;
        int end = operator.layers().size() - 1;
        for (int i = 0; i < end; i++) {
            NormalizedMaps.Term term = convolve(operator.layers().get(i), map);
            map = operator.kind().isLinear() ? term.map() : sum(List.of(term), null, true);
        }
        return convolve(operator.layers().get(end), map);
    }

    /** Batch norm over the batch, or a plain gain and bias, and what follows. */
    private Tensor sum(List<NormalizedMaps.Term> terms, Tensor residual, boolean rectify) {
        return new NormalizedMaps(rectify, fixed.isEmpty() ? MOMENTUM : -1).apply(terms, residual, cuts);
    }

    private NormalizedMaps.Term convolve(SearchLayer layer, Tensor map) {
        LayerTensors t = tensors.get(layer.index());
        return convolve(layer, map, t.mixed(), t.scale(), t.shift());
    }

    private NormalizedMaps.Term convolve(SearchLayer layer, Tensor map, Tensor weights, Tensor scale, Tensor shift) {
        int kernel = layer.kernel().largest();
        Padding padding = Padding.same((int) map.size(2), (int) map.size(3), layer.stride(), kernel, kernel);
        Tensor convolved = layer.type() == SearchLayer.Type.DEPTHWISE
                ? new DepthwiseOperator(layer.stride(), padding).apply(map, weights, cuts)
                : new DenseOperator(layer.stride(), padding).apply(map, weights, precision, cuts);
        Statistics statistics = fixed.get(layer.index());
        return new NormalizedMaps.Term(convolved, scale, shift,
                statistics == null ? null : statistics.mean(), statistics == null ? null : statistics.variance());
    }

    @Override
    public void close() {
        fixed.values().forEach(statistics -> {
            statistics.mean().close();
            statistics.variance().close();
        });
    }
}
