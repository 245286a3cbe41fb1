package io.udc.search.model;

import io.udc.arch.Architecture;
import io.udc.npu.ArchitectureOperators;
import io.udc.npu.BlockChoice;
import io.udc.npu.EncodedSizes;
import io.udc.npu.Hwc;
import io.udc.npu.LayerCycles;
import io.udc.npu.LayerEstimate;
import io.udc.npu.MemoryMode;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NetworkOperator;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.npu.SystemConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a network costs on an NPU, operator by operator.
 *
 * @param name of the network
 * @param npu name of the accelerator
 * @param systemConfig clock and memories
 * @param memoryMode what is kept where
 * @param layers the operators in execution order
 * @param encodedBytes bytes of the encoded tensors
 * @param cycles sums over the operators
 * @param milliseconds time of one inference
 * @param macs multiply-accumulates of one inference
 * @param peakSramBytes the most SRAM that feature maps and weight buffers take at a time
 */
public record NetworkReport(
        String name,
        String npu,
        SystemConfig systemConfig,
        MemoryMode memoryMode,
        List<Layer> layers,
        long encodedBytes,
        LayerCycles cycles,
        double milliseconds,
        long macs,
        long peakSramBytes) {

    public NetworkReport {
        layers = List.copyOf(layers);
    }

    /**
     * An operator.
     *
     * @param name of its node
     * @param operator such as {@code convolution}
     * @param ofmBlock block of output
     * @param depthSlices first output channel of every slice of weights, and the number of output channels
     * @param encodedBytes bytes of its tensor; 0 without weights
     * @param cycles cycles by resource
     * @param milliseconds of the total cycles
     * @param sramBytes live feature maps and weight buffers
     */
    public record Layer(
            String name,
            String operator,
            Hwc ofmBlock,
            List<Integer> depthSlices,
            long encodedBytes,
            LayerCycles cycles,
            double milliseconds,
            long sramBytes) {}

    /**
     * Estimates an architecture.
     *
     * @param layerBytes encoded bytes of each layer with weights by the name of its node
     * @throws io.udc.InputException if the latency model does not cover an operator
     */
    public static NetworkReport of(
            Architecture architecture, Map<String, Long> layerBytes, NpuConfig npu, BlockChoice choice) {
        List<NetworkOperator> operators = ArchitectureOperators.of(
                architecture, node -> EncodedSizes.total(layerBytes.get(node.name())));
        return of(architecture.name(), operators, npu, choice);
    }

    /**
     * Estimates a network of NPU operators.
     *
     * @param operators in execution order, at least one
     * @throws io.udc.InputException if the latency model does not cover an operator
     */
    public static NetworkReport of(
            String name, List<NetworkOperator> operators, NpuConfig npu, BlockChoice choice) {
        NetworkEstimate estimate = new PerformanceModel(npu, choice).estimate(operators);
        double millisecondsPerCycle = estimate.milliseconds() / estimate.cycles().total();
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < operators.size(); i++) {
            NetworkOperator operator = operators.get(i);
            LayerEstimate cost = estimate.operators().get(i);
            layers.add(new Layer(
                    operator.name(),
                    operator.operator().kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    cost.ofmBlock(),
                    cost.depthSlices(),
                    operator.sizes() instanceof EncodedSizes.Given given ? given.total() : cost.encodedBytes(),
                    cost.cycles(),
                    cost.cycles().total() * millisecondsPerCycle,
                    cost.sramBytes()));
        }
        return new NetworkReport(
                name,
                npu.accelerator().toString(),
                npu.systemConfig(),
                npu.memoryMode(),
                layers,
                layers.stream().mapToLong(Layer::encodedBytes).sum(),
                estimate.cycles(),
                estimate.milliseconds(),
                estimate.macs(),
                estimate.peakSramBytes());
    }
}
