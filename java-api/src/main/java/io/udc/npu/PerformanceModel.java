package io.udc.npu;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.WeightedNode;
import io.udc.bindings.Npu;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * What operators and networks cost on one NPU, the way Vela estimates it (npu-backend/docs/performance.md). Objects
 * are immutable, and may be used by several threads.
 *
 * <p>All methods throw {@link InputException} for operators that the model does not cover, with the operator's name.
 */
public final class PerformanceModel {

    private final NpuConfig config;
    private final BlockChoice blockChoice;

    /** A model of an NPU with Vela's blocks. */
    public PerformanceModel(NpuConfig config) {
        this(config, BlockChoice.VELA);
    }

    public PerformanceModel(NpuConfig config, BlockChoice blockChoice) {
        this.config = config;
        this.blockChoice = blockChoice;
    }

    public NpuConfig config() {
        return config;
    }

    /** The layout in which an operator's weights are encoded. */
    public WeightLayout weightLayout(NpuOperator operator) {
        try (Npu.udc_npu_op op = new Npu.udc_npu_op();
                Npu.udc_npu_rewritten_op rewritten = new Npu.udc_npu_rewritten_op();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            operator.writeTo(op, error);
            NpuCalls.check(Npu.udc_npu_rewrite_op(op, rewritten, error), error);
            return WeightLayout.of(rewritten);
        }
    }

    /** Vela's block of output for an operator. */
    public Hwc velaBlock(NpuOperator operator) {
        try (Npu.udc_npu_performance_config nativeConfig = config.toNative(blockChoice);
                Npu.udc_npu_op op = new Npu.udc_npu_op();
                Npu.udc_npu_block block = new Npu.udc_npu_block();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            operator.writeTo(op, error);
            NpuCalls.check(Npu.udc_npu_find_block(nativeConfig, op, block, error), error);
            return Hwc.of(block.ofm());
        }
    }

    /** Estimates an operator by itself. */
    public LayerEstimate estimate(NpuOperator operator, EncodedSizes sizes) {
        try (Npu.udc_npu_performance_config nativeConfig = config.toNative(blockChoice);
                Npu.udc_npu_op op = new Npu.udc_npu_op();
                NativeSizes nativeSizes = new NativeSizes(List.of(sizes));
                Npu.udc_npu_layer_estimate row = new Npu.udc_npu_layer_estimate();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            operator.writeTo(op, error);
            int status = Npu.udc_npu_estimate_layer(nativeConfig, op, nativeSizes.pointer(), row, error);
            nativeSizes.rethrow();
            NpuCalls.check(status, error);
            return LayerEstimate.of(row);
        }
    }

    /** Estimates a network; operators come in execution order, the first of them first. */
    public NetworkEstimate estimate(List<NetworkOperator> operators) {
        int count = operators.size();
        if (count == 0) {
            throw new IllegalArgumentException("a network needs at least one operator");
        }
        List<EncodedSizes> sizes =
                operators.stream().map(NetworkOperator::sizes).toList();
        try (Npu.udc_npu_performance_config nativeConfig = config.toNative(blockChoice);
                Npu.udc_npu_op ops = new Npu.udc_npu_op(count);
                NativeSizes nativeSizes = new NativeSizes(sizes);
                Npu.udc_npu_layer_estimate rows = new Npu.udc_npu_layer_estimate(count);
                Npu.udc_npu_network_estimate network = new Npu.udc_npu_network_estimate();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            for (int i = 0; i < count; i++) {
                write(operators.get(i), ops.getPointer(i), error);
            }
            int status = Npu.udc_npu_estimate_network(
                    nativeConfig, ops, count, nativeSizes.pointer(), rows, network, error);
            nativeSizes.rethrow();
            NpuCalls.check(status, error);
            return read(network, rows, count);
        }
    }

    /** Estimates an architecture. */
    public NetworkEstimate estimate(Architecture architecture, Function<WeightedNode, EncodedSizes> sizes) {
        return estimate(ArchitectureOperators.of(architecture, sizes));
    }

    /**
     * Costs over a grid, for operators like this one with other widths.
     *
     * @param inputWidths input channels
     * @param outputWidths output channels; one entry, 0, for operators whose output is as wide as their input
     * @param bitsPerWeight encoded bits of one weight, one entry a compression
     */
    public CostTable costTable(
            NpuOperator operator, int[] inputWidths, int[] outputWidths, double[] bitsPerWeight) {
        int cells = Math.multiplyExact(
                Math.multiplyExact(inputWidths.length, outputWidths.length), bitsPerWeight.length);
        double[] cycles = new double[cells];
        long[] bytes = new long[cells];
        try (Npu.udc_npu_performance_config nativeConfig = config.toNative(blockChoice);
                Npu.udc_npu_op op = new Npu.udc_npu_op();
                Npu.udc_npu_cost_grid grid = new Npu.udc_npu_cost_grid();
                IntPointer inputs = new IntPointer(inputWidths);
                IntPointer outputs = new IntPointer(outputWidths);
                DoublePointer bits = new DoublePointer(bitsPerWeight);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            operator.writeTo(op, error);
            grid.input_widths(inputs).input_width_count(inputWidths.length);
            grid.output_widths(outputs).output_width_count(outputWidths.length);
            grid.bits_per_weight(bits).bits_count(1).sparsity_count(bitsPerWeight.length);
            NpuCalls.check(Npu.udc_npu_cost_table(nativeConfig, op, grid, cycles, bytes, cells, error), error);
        }
        return new CostTable(inputWidths.length, outputWidths.length, bitsPerWeight.length, cycles, bytes);
    }

    private static void write(NetworkOperator source, Npu.udc_npu_op op, Npu.udc_npu_error error) {
        try {
            source.operator().writeTo(op, error);
        } catch (InputException e) {
            throw new InputException(source.name() + ": " + e.getMessage(), e);
        }
        op.ifm_tensor(source.input());
        op.ifm2_tensor(source.second());
        op.ofm_tensor(source.output());
    }

    private static NetworkEstimate read(
            Npu.udc_npu_network_estimate network, Npu.udc_npu_layer_estimate rows, int count) {
        List<LayerEstimate> operators = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            operators.add(LayerEstimate.of(rows.getPointer(i)));
        }
        return new NetworkEstimate(
                LayerCycles.of(network.cycles()),
                network.milliseconds(),
                network.macs(),
                network.encoded_bytes(),
                network.original_weights(),
                network.peak_sram_bytes(),
                network.spilled_tensors(),
                operators);
    }
}
