package io.udc.search.cost;

import io.udc.arch.Shape;
import io.udc.device.Device;
import io.udc.npu.LayerEstimate;
import io.udc.npu.MemoryMode;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.PerformanceModel;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Peak bytes of SRAM: the feature maps that live while a layer computes, and its weights where they are copied to
 * SRAM. A residual block's input lives until it is added; what the block's sum and its inner layers need is counted
 * with the block's last layer, which knows all widths.
 *
 * <p>The peak of one network is the maximum over its layers. Its expected value is smooth: the layers' expected
 * bytes, averaged with weights softmax(bytes / temperature); between the mean and the maximum, and the maximum itself
 * where one layer stands out or the largest are equal. Not thread-safe.
 */
public final class SramCost extends NpuCost {

    /** Feature maps between operators are stored in bricks of so many channels. */
    private static final int BRICK = 16;

    /** Layers within about this share of the peak take part in the smooth maximum. */
    private static final double TEMPERATURE = 0.03;

    private final SpaceGraph graph;
    private final BytesCost bytes;
    private final boolean copiesWeights;
    private final Map<Integer, SearchOperator> residualEnds = new HashMap<>();
    private final OptionTable table;

    /**
     * @param options row length of the decision table
     * @param bytes tells encoded bytes of layers
     * @param device where the tables and the probabilities live
     */
    public SramCost(SpaceGraph graph, int options, PerformanceModel model, BytesCost bytes, Device device) {
        super(graph, model, bytes, device);
        this.graph = graph;
        this.bytes = bytes;
        this.copiesWeights = model.config().memoryMode() != MemoryMode.SRAM_ONLY;
        graph.blocks().stream().filter(SearchBlock::residual).forEach(block ->
                block.operators().forEach(operator -> residualEnds.put(operator.last().index(), operator)));
        this.table = new OptionTable(graph, options, device, this::live);
    }

    @Override
    public String name() {
        return "sram";
    }

    @Override
    public Aggregation aggregation() {
        return Aggregation.MAX;
    }

    @Override
    public Tensor expected(Tensor probabilities) {
        Tensor live = table.expected(probabilities).mul(factors());
        Tensor unit = live.detach().max().mul(new Scalar(TEMPERATURE));
        Tensor shares = torch.softmax(live.div(unit), 0);
        return live.dot(shares);
    }

    @Override
    double read(LayerEstimate operator) {
        return operator.sramBytes();
    }

    @Override
    double read(NetworkEstimate network) {
        return network.peakSramBytes();
    }

    @Override
    double ofLayerAlone(SearchLayer layer, LayerOptions options) {
        return table.of(layer, options);
    }

    private double live(SearchLayer layer, LayerOptions chosen) {
        long in = layer == graph.stem()
                ? graph.input().elements()
                : bricks(new Shape(chosen.inChannels(layer), layer.inputHeight(), layer.inputWidth()));
        long out = bricks(layer.outputShape(chosen.outChannels(layer)));
        SearchOperator operator = residualEnds.get(layer.index());
        double weights = copiesWeights && layer.type() != SearchLayer.Type.DENSE ? bytes.ofLayer(layer, chosen) : 0;
        return operator == null ? in + out + weights : endOfBlock(operator.layers(), in, out, weights);
    }

    /**
     * The most that is live from the second layer of a residual block to its sum.
     *
     * @param out bytes of the block's output, and of its input
     */
    private static double endOfBlock(List<SearchLayer> layers, long in, long out, double weights) {
        double last = layers.size() == 1 ? in + out + weights : in + 2 * out + weights;
        double before = layers.size() < 3 ? 0 : 2 * in + out;
        return Math.max(3 * out, Math.max(before, last));
    }

    private static long bricks(Shape map) {
        return (long) (map.channels() + BRICK - 1) / BRICK * BRICK * map.height() * map.width();
    }

    @Override
    public void close() {
        super.close();
        table.close();
    }
}
