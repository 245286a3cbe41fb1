package io.udc.npu;

import io.udc.bindings.Npu;
import java.util.Arrays;

/** Sizes of layers as the backend's own encoder would make them; nothing is written. */
public final class BackendEncoder implements LayerReport.Encoder {

    /** How hard the encoder tries. */
    public enum Effort {
        FAST(Npu.UDC_NPU_EFFORT_FAST),
        BEST(Npu.UDC_NPU_EFFORT_BEST);

        private final int value;

        Effort(int value) {
            this.value = value;
        }
    }

    private final Effort effort;

    public BackendEncoder(Effort effort) {
        this.effort = effort;
    }

    @Override
    public long bytes(LayerWeights weights, Accelerator accelerator, int ofmBlockDepth, int begin, int end) {
        WeightLayout layout = weights.layout();
        int perChannel = weights.values().length / layout.outChannels();
        byte[] channels = Arrays.copyOfRange(weights.values(), begin * perChannel, end * perChannel);
        short[] values = new short[channels.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = channels[i];
        }
        long[] size = new long[1];
        try (Npu.udc_npu_layer layer = new Npu.udc_npu_layer();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            layer.zero();
            layer.kind(LayerStreams.kind(layout.kind()))
                    .accelerator(accelerator.ordinal())
                    .out_channels(end - begin)
                    .kernel_height(layout.kernelHeight())
                    .kernel_width(layout.kernelWidth())
                    .in_channels(layout.inChannels())
                    .dilation_y(layout.dilation())
                    .dilation_x(layout.dilation())
                    .ifm_bits(8)
                    .ofm_block_depth(ofmBlockDepth);
            int status = Npu.udc_npu_layer_encoded_size(
                    layer, values, values.length, effort.value, size, null, 0, (int[]) null, error);
            NpuCalls.check(status, error);
        }
        return size[0];
    }
}
