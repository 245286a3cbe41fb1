package io.udc.npu;

import io.udc.bindings.Npu;

/**
 * NPU clock cycles by resource. The total of an operator is the largest, that of a network the sum of its operators'
 * totals.
 */
public record LayerCycles(
        double npu, double sram, double dram, double onchipFlash, double offchipFlash, double total) {

    static LayerCycles of(Npu.udc_npu_cycles cycles) {
        return new LayerCycles(
                cycles.npu(),
                cycles.sram(),
                cycles.dram(),
                cycles.onchip_flash(),
                cycles.offchip_flash(),
                cycles.total());
    }
}
