package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.npu.CostTable;
import io.udc.npu.EncodedSizes;
import io.udc.npu.Hwc;
import io.udc.npu.LayerEstimate;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NpuOperator;
import io.udc.npu.NpuOperator.Kind;
import io.udc.npu.NpuOperator.Window;
import io.udc.npu.PerformanceModel;
import io.udc.search.space.Head;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Estimated seconds of one inference: the cycles of every layer from the performance model's tables over
 * widths and compressions, the sums of residual blocks and the pool before a classifier among those of the
 * layer next to them. The expected value is exact for independent decisions, but for the factors of {@link
 * NpuCost}. Not thread-safe.
 */
public final class LatencyCost extends NpuCost {

    private final PerformanceModel model;
    private final SpaceGraph graph;
    private final double secondsPerCycle;
    private final double[] bitsPerWeight;
    private final Map<Integer, SearchBlock> residualEnds = new HashMap<>();
    private final OptionTable table;

    /**
     * @param options row length of the decision table
     * @param bytes tells encoded bytes of layers
     * @param device where the tables and the probabilities live
     * @throws io.udc.InputException if the model does not cover an operator of the space
     */
    public LatencyCost(SpaceGraph graph, int options, PerformanceModel model, BytesCost bytes, Device device) {
        super(graph, model, bytes, device);
        this.model = model;
        this.graph = graph;
        this.secondsPerCycle = 1 / model.config().systemConfig().clock();
        this.bitsPerWeight = graph.space().weightBits().stream()
                .flatMapToDouble(bits -> graph.space().sparsities().stream()
                        .mapToDouble(sparsity -> RateTable.closedForm(bits, sparsity)))
                .toArray();
        graph.blocks().stream().filter(SearchBlock::residual).forEach(block ->
                block.operators().forEach(operator -> residualEnds.put(operator.last().index(), block)));
        Map<Integer, LayerCycles> cycles = new HashMap<>();
        this.table = new OptionTable(graph, options, device, (layer, chosen) ->
                cycles.computeIfAbsent(layer.index(), index -> new LayerCycles(layer)).of(chosen) * secondsPerCycle);
    }

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.SUM;
    }

    @Override
    public Tensor expected(Tensor probabilities) {
        return table.expected(probabilities).dot(factors());
    }

    @Override
    double read(LayerEstimate operator) {
        return operator.cycles().total() * secondsPerCycle;
    }

    @Override
    double read(NetworkEstimate network) {
        return network.milliseconds() / 1e3;
    }

    @Override
    double ofLayerAlone(SearchLayer layer, LayerOptions options) {
        return table.of(layer, options);
    }

    @Override
    public void close() {
        super.close();
        table.close();
    }

    /** Cycles of a layer and of the operators that come with it, over all its options. */
    private final class LayerCycles {
        private final SearchLayer layer;
        private final boolean depthwise;
        private final List<CostTable> byKernel = new ArrayList<>();
        private final double[] besideByWidth;

        LayerCycles(SearchLayer layer) {
            this.layer = layer;
            this.depthwise = layer.type() == SearchLayer.Type.DEPTHWISE;
            int[] in = layer.in().options().stream().mapToInt(Integer::intValue).toArray();
            int[] out = depthwise
                    ? new int[] {0}
                    : layer.out().options().stream().mapToInt(Integer::intValue).toArray();
            for (int kernel : layer.kernel().options()) {
                byKernel.add(model.costTable(operator(kernel), in, out, bitsPerWeight));
            }
            List<Integer> widths = isPooled() ? layer.in().options() : layer.out().options();
            besideByWidth = widths.stream().mapToDouble(this::cyclesBeside).toArray();
        }

        double of(LayerOptions chosen) {
            CostTable cells = byKernel.get(chosen.kernel());
            int compression = chosen.bits() * graph.space().sparsities().size() + chosen.sparsity();
            return cells.cycles()[cells.index(chosen.in(), depthwise ? 0 : chosen.out(), compression)]
                    + besideByWidth[isPooled() ? chosen.in() : chosen.out()];
        }

        private NpuOperator operator(int kernel) {
            Hwc input = new Hwc(layer.inputHeight(), layer.inputWidth(), layer.in().largest());
            NpuOperator operator = switch (layer.type()) {
                case DENSE -> NpuOperator.fullyConnected(layer.in().largest(), layer.out().largest(), false);
                case CONVOLUTION -> windowed(Kind.CONVOLUTION, input, kernel);
                case DEPTHWISE -> windowed(Kind.DEPTHWISE, input, kernel);
            };
            return layer == graph.stem() ? operator.asFirst() : operator;
        }

        private NpuOperator windowed(Kind kind, Hwc input, int kernel) {
            return NpuOperator.windowed(
                    kind, input, depthwise ? 0 : layer.out().largest(),
                    Window.square(kernel, layer.stride(), true), true);
        }

        private boolean isPooled() {
            return layer == graph.last() && graph.head() instanceof Head.Classifier;
        }

        /** Cycles of the sum behind the layer, or of the pool before it. */
        private double cyclesBeside(int channels) {
            if (isPooled()) {
                Hwc map = Hwc.of(graph.features(channels));
                Window all = new Window(map.height(), map.width(), map.height(), map.width(), 1, false);
                return cycles(NpuOperator.windowed(Kind.AVERAGE_POOL, map, 0, all, false));
            }
            if (residualEnds.containsKey(layer.index())) {
                Hwc map = Hwc.of(layer.outputShape(channels));
                return cycles(NpuOperator.binary(Kind.ADD, map, map, true));
            }
            return 0;
        }

        private double cycles(NpuOperator operator) {
            return model.estimate(operator, EncodedSizes.NONE).cycles().total();
        }
    }
}
