package io.udc.search.discrete;

import io.udc.device.Device;
import io.udc.npu.LayerStreams;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.CostModel;
import io.udc.search.cost.LatencyCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.SramCost;
import io.udc.search.cost.StreamLayout;
import io.udc.search.space.SpaceGraph;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The cost models of a run: the bytes, and whatever else is limited. */
public final class CostModels implements AutoCloseable {

    private final StreamLayout layout;
    private final RateTable rates;
    private final BytesCost bytes;
    private final Map<LimitKind, CostModel> byKind = new EnumMap<>(LimitKind.class);

    /**
     * @param options row length of the decision table
     * @param limits of which the models are wanted
     * @param device where the decision table lives
     * @throws io.udc.InputException if the NPU's model does not cover an operator of the space
     */
    public CostModels(SpaceGraph graph, int options, Limits limits, Device device) {
        layout = StreamLayout.of(new LayerStreams(limits.model().config().accelerator()));
        rates = new RateTable(graph);
        bytes = new BytesCost(graph, options, layout, rates, device);
        byKind.put(LimitKind.BYTES, bytes);
        if (limits.all().containsKey(LimitKind.LATENCY)) {
            byKind.put(LimitKind.LATENCY, new LatencyCost(graph, options, limits.model(), bytes, device));
        }
        if (limits.all().containsKey(LimitKind.SRAM)) {
            byKind.put(LimitKind.SRAM, new SramCost(graph, options, limits.model(), bytes, device));
        }
    }

    public BytesCost bytes() {
        return bytes;
    }

    /** What measures the bits per weight on which all costs rest; the costs take them over when they are told to. */
    public RateCalibrator calibrator(SpaceGraph graph) {
        return new RateCalibrator(graph, layout, rates);
    }

    /** The models by what they tell, bytes first. */
    public Map<LimitKind, CostModel> byKind() {
        return Collections.unmodifiableMap(byKind);
    }

    @Override
    public void close() {
        byKind.values().forEach(CostModel::close);
    }
}
