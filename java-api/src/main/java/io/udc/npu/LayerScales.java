package io.udc.npu;

import io.udc.bindings.Npu;

/**
 * Biases and real output scales of a layer's channels.
 *
 * @param biases one an output channel
 * @param scales from accumulator to output, one an output channel
 */
public record LayerScales(int[] biases, double[] scales) {

    Npu.udc_npu_scale_record toNative() {
        Npu.udc_npu_scale_record records = new Npu.udc_npu_scale_record(biases.length);
        int[] scale = new int[1];
        int[] shift = new int[1];
        try (Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            for (int i = 0; i < biases.length; i++) {
                NpuCalls.check(Npu.udc_npu_quantize_scale(scales[i], 0, scale, shift, error), error);
                records.getPointer(i).bias(biases[i]).scale(scale[0]).shift(shift[0]);
            }
        }
        return records;
    }
}
