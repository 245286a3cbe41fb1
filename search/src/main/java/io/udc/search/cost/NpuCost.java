package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.npu.ArchitectureOperators;
import io.udc.npu.EncodedSizes;
import io.udc.npu.LayerEstimate;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NetworkOperator;
import io.udc.npu.PerformanceModel;
import io.udc.search.space.Choices;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A cost that the NPU's performance model tells of whole networks. In a network the operators depend on each other:
 * weights are fetched while the operator before computes, and buffers of two operators live side by side. The tables
 * know one layer at a time; a factor for each layer brings them to what it measures in one whole network, the
 * likeliest one while the search goes on. Not thread-safe.
 */
abstract class NpuCost implements CostModel {

    private final SpaceGraph graph;
    private final PerformanceModel model;
    private final BytesCost bytes;
    private final double[] factors;
    private final Tensor factorTensor;

    /**
     * @param bytes tells encoded bytes of layers
     * @param device where the probabilities live
     */
    NpuCost(SpaceGraph graph, PerformanceModel model, BytesCost bytes, Device device) {
        this.graph = graph;
        this.model = model;
        this.bytes = bytes;
        this.factors = new double[graph.layers().size()];
        Arrays.fill(factors, 1);
        try (StepScope scope = StepScope.open()) {
            factorTensor = scope.keep(Devices.place(torch.ones(factors.length), device));
        }
    }

    /** The figure of an operator within a network. */
    abstract double read(LayerEstimate operator);

    /** The figure of a network. */
    abstract double read(NetworkEstimate network);

    /** The table's figure of a layer. */
    abstract double ofLayerAlone(SearchLayer layer, LayerOptions options);

    @Override
    public final double ofLayer(SearchLayer layer, LayerOptions options) {
        return factors[layer.index()] * ofLayerAlone(layer, options);
    }

    @Override
    public final double measured(Choices choices) {
        return read(model.estimate(operators(choices)));
    }

    @Override
    public final void fitTo(Choices choices) {
        double[] measured = measuredFactors(choices);
        setFactors(layer -> measured[layer]);
    }

    @Override
    public final void raiseTo(Choices choices) {
        double[] measured = measuredFactors(choices);
        setFactors(layer -> Math.max(factors[layer], measured[layer]));
    }

    private void setFactors(IntToDoubleFunction factor) {
        Arrays.setAll(factors, factor);
        float[] values = new float[factors.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) factors[i];
        }
        try (StepScope scope = StepScope.open()) {
            factorTensor.copy_(Tensor.create(values));
        }
    }

    /** The layers' factors, [layers]. */
    final Tensor factors() {
        return factorTensor;
    }

    /** What the layers of a network measure over what the table says; the mean of these for all other layers. */
    private double[] measuredFactors(Choices choices) {
        double[] measured = measuredFigures(choices);
        double[] ratios = new double[measured.length];
        double tabled = 0;
        for (SearchLayer layer : graph.usedLayers(choices)) {
            double alone = ofLayerAlone(layer, LayerOptions.of(layer, choices));
            ratios[layer.index()] = measured[layer.index()] / alone;
            tabled += alone;
        }
        double mean = Arrays.stream(measured).sum() / tabled;
        Arrays.setAll(ratios, layer -> ratios[layer] == 0 ? mean : ratios[layer]);
        return ratios;
    }

    /** The figure of every layer in a network, with the operators that belong to it; 0 for those it does not have. */
    private double[] measuredFigures(Choices choices) {
        List<NetworkOperator> operators = operators(choices);
        Map<String, SearchLayer> owners = owners(choices);
        List<LayerEstimate> estimates = model.estimate(operators).operators();
        double[] figures = new double[factors.length];
        for (int i = 0; i < estimates.size(); i++) {
            int layer = owners.getOrDefault(operators.get(i).name(), graph.last()).index();
            double figure = read(estimates.get(i));
            figures[layer] =
                    aggregation() == Aggregation.SUM ? figures[layer] + figure : Math.max(figures[layer], figure);
        }
        return figures;
    }

    private List<NetworkOperator> operators(Choices choices) {
        Map<String, Long> encoded = new HashMap<>();
        for (SearchLayer layer : graph.usedLayers(choices)) {
            encoded.put(layer.name(), Math.round(bytes.ofLayer(layer, LayerOptions.of(layer, choices))));
        }
        return ArchitectureOperators.of(
                graph.architecture(choices), node -> EncodedSizes.total(encoded.get(node.name())));
    }

    /** The layer with which each operator is counted; sums belong to the block's last layer. */
    private Map<String, SearchLayer> owners(Choices choices) {
        Map<String, SearchLayer> owners = new HashMap<>();
        graph.usedLayers(choices).forEach(layer -> owners.put(layer.name(), layer));
        for (SearchBlock block : graph.blocks()) {
            block.operators().stream()
                    .filter(operator -> operator.last().isUsed(choices))
                    .forEach(operator -> owners.put(block.sumName(), operator.last()));
        }
        return owners;
    }

    @Override
    public void close() {
        factorTensor.close();
    }
}
