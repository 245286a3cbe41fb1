package io.udc.npu;

import io.udc.bindings.Npu;
import java.util.ArrayList;
import java.util.List;

/**
 * What one operator costs.
 *
 * @param ofmBlock block of output that the NPU computes at a time
 * @param blockChoice {@link BlockChoice#FEWEST_CYCLES} if another block than Vela's was taken
 * @param depthSlices first output channel of every slice of weights, and the number of output channels
 * @param buffering how the weights reach fast storage
 * @param encodedBytes weights and scales as sliced
 * @param originalWeights number of weights after Vela's rewrites
 * @param cycles cycles by resource
 * @param rulingResource the resource that makes the total
 * @param macs multiply-accumulates
 * @param utilisation share of the NPU's multiply-accumulates that are used
 * @param sramBytes in a network: live feature maps and weight buffers
 */
public record LayerEstimate(
        Hwc ofmBlock,
        BlockChoice blockChoice,
        List<Integer> depthSlices,
        Buffering buffering,
        long encodedBytes,
        long originalWeights,
        LayerCycles cycles,
        Resource rulingResource,
        long macs,
        double utilisation,
        long sramBytes) {

    /** How weights reach fast storage. */
    public enum Buffering {
        NONE,
        STANDARD,
        DOUBLE
    }

    /** What an operator can wait for. */
    public enum Resource {
        NPU,
        SRAM,
        DRAM,
        ONCHIP_FLASH,
        OFFCHIP_FLASH
    }

    static LayerEstimate of(Npu.udc_npu_layer_estimate row) {
        return new LayerEstimate(
                Hwc.of(row.block().ofm()),
                BlockChoice.values()[row.block().choice()],
                slices(row),
                Buffering.values()[row.buffering()],
                row.encoded_bytes(),
                row.original_weights(),
                LayerCycles.of(row.cycles()),
                Resource.values()[row.ruling_resource()],
                row.macs(),
                row.utilisation(),
                row.sram_bytes());
    }

    private static List<Integer> slices(Npu.udc_npu_layer_estimate row) {
        List<Integer> bounds = new ArrayList<>(row.slice_count() + 1);
        bounds.add(0);
        for (int i = 0; i < row.slice_count() - 1; i++) {
            bounds.add(row.first_slice_depth() + i * row.next_slice_depth());
        }
        bounds.add(row.op().ofm().depth());
        return List.copyOf(bounds);
    }
}
