package io.udc.npu;

import io.udc.arch.WeightShape;
import io.udc.bindings.Npu;

/**
 * How long the weight streams of a layer are on one accelerator, before there is a network around it. Immutable and
 * thread-safe.
 */
public final class LayerStreams {

    private static final int LARGEST_BLOCK_DEPTH = 128;
    private static final int BLOCK_DEPTH_MULTIPLE = 16;
    private static final int SUB_KERNEL = 8;
    private static final int RECORD_BYTES = 10;
    private static final int ALIGNMENT = 16;

    private final Accelerator accelerator;

    public LayerStreams(Accelerator accelerator) {
        this.accelerator = accelerator;
    }

    /**
     * Number of weights in the streams of all cores, padding to the accelerator's bricks included.
     *
     * @param kind CONVOLUTION, DEPTHWISE or FULLY_CONNECTED
     */
    public long paddedWeights(NpuOperator.Kind kind, WeightShape shape) {
        int cores = accelerator == Accelerator.ETHOS_U65_512 ? 2 : 1;
        long total = 0;
        try (Npu.udc_npu_layer layer = layer(kind, shape);
                Npu.udc_npu_brick brick = new Npu.udc_npu_brick();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            int[] traversal = new int[1];
            NpuCalls.check(Npu.udc_npu_layer_traversal(layer, traversal, error), error);
            brick.zero();
            brick.kernel_height(shape.kernelHeight())
                    .kernel_width(shape.kernelWidth())
                    .in_channels(shape.inChannels())
                    .traversal(traversal[0])
                    .ofm_block_depth(layer.ofm_block_depth())
                    .ofm_ublock_depth(accelerator == Accelerator.ETHOS_U55_32 ? 4 : 8)
                    .ifm_bits(8)
                    .sub_kernel_height(SUB_KERNEL)
                    .sub_kernel_width(SUB_KERNEL);
            long[] count = new long[1];
            for (int core = 0; core < cores; core++) {
                int channels = (shape.outChannels() + cores - 1 - core) / cores;
                if (channels > 0) {
                    brick.out_channels(channels);
                    NpuCalls.check(Npu.udc_npu_brick_count(brick, count, error), error);
                    total += count[0];
                }
            }
        }
        return total;
    }

    /**
     * Bytes of the streams of all cores by the fast encoder, scale and bias records not counted.
     *
     * @param levels quantized weights [out, in, k, k]
     */
    public long bytes(NpuOperator.Kind kind, WeightShape shape, byte[] levels) {
        short[] ohwi = toOhwi(shape, levels);
        long[] size = new long[1];
        try (Npu.udc_npu_layer layer = layer(kind, shape);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            NpuCalls.check(
                    Npu.udc_npu_layer_encoded_size(layer, ohwi, ohwi.length, Npu.UDC_NPU_EFFORT_FAST, size, null, 0,
                            (int[]) null, error),
                    error);
        }
        return size[0] - recordBytes(shape.outChannels());
    }

    /** Bytes of the scale and bias records of all cores, each padded to 16. */
    public long recordBytes(int outChannels) {
        int cores = accelerator == Accelerator.ETHOS_U65_512 ? 2 : 1;
        long total = 0;
        for (int core = 0; core < cores; core++) {
            long bytes = (long) RECORD_BYTES * ((outChannels + cores - 1 - core) / cores);
            total += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        return total;
    }

    private Npu.udc_npu_layer layer(NpuOperator.Kind kind, WeightShape shape) {
        Npu.udc_npu_layer layer = new Npu.udc_npu_layer();
        layer.zero();
        int depth = (shape.outChannels() + BLOCK_DEPTH_MULTIPLE - 1) / BLOCK_DEPTH_MULTIPLE * BLOCK_DEPTH_MULTIPLE;
        layer.kind(kind(kind))
                .accelerator(accelerator.ordinal())
                .out_channels(shape.outChannels())
                .kernel_height(shape.kernelHeight())
                .kernel_width(shape.kernelWidth())
                .in_channels(shape.inChannels())
                .dilation_y(1)
                .dilation_x(1)
                .ifm_bits(8)
                .ofm_block_depth(Math.min(depth, LARGEST_BLOCK_DEPTH));
        return layer;
    }

    /** The C ABI's code of an operator with weights. */
    static int kind(NpuOperator.Kind kind) {
        return switch (kind) {
            case CONVOLUTION -> Npu.UDC_NPU_LAYER_CONV;
            case DEPTHWISE -> Npu.UDC_NPU_LAYER_DEPTHWISE;
            case FULLY_CONNECTED -> Npu.UDC_NPU_LAYER_DENSE;
            default -> throw new IllegalArgumentException(kind + " has no weights");
        };
    }

    private static short[] toOhwi(WeightShape shape, byte[] oihw) {
        int area = shape.kernelHeight() * shape.kernelWidth();
        short[] ohwi = new short[oihw.length];
        int to = 0;
        for (int o = 0; o < shape.outChannels(); o++) {
            for (int position = 0; position < area; position++) {
                int from = o * shape.perChannel() + position;
                for (int i = 0; i < shape.inChannels(); i++, from += area) {
                    ohwi[to++] = oihw[from];
                }
            }
        }
        return ohwi;
    }
}
