package io.udc.npu;

import io.udc.InputException;
import io.udc.bindings.Npu;
import java.util.List;
import org.bytedeco.javacpp.IntPointer;

/**
 * Everything that the layout of one layer's streams depends on.
 *
 * @param kind CONVOLUTION, DEPTHWISE or FULLY_CONNECTED
 * @param accelerator the NPU
 * @param outChannels output channels
 * @param kernelHeight rows of the filter
 * @param kernelWidth columns of the filter
 * @param inChannels input channels that a filter reads; 1 if depthwise
 * @param dilation distance of the filter's taps, 1 or 2
 * @param inputBits bits of the feature map that is read, 8 or 16
 * @param ofmBlockDepth output channels of one block of the NPU's traversal
 * @param depthSlices first output channel of every slice, and the number of output channels as the last element
 */
public record LayerPlan(
        NpuOperator.Kind kind,
        Accelerator accelerator,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int inChannels,
        int dilation,
        int inputBits,
        int ofmBlockDepth,
        List<Integer> depthSlices) {

    private static final int LARGEST_BLOCK_DEPTH = 128;
    private static final int BLOCK_DEPTH_MULTIPLE = 16;

    public LayerPlan {
        depthSlices = List.copyOf(depthSlices);
    }

    /** A block depth for layers of which no more is known: the output channels in 16s, at most 128. */
    public static int usualBlockDepth(int outChannels) {
        int blocks = (outChannels + BLOCK_DEPTH_MULTIPLE - 1) / BLOCK_DEPTH_MULTIPLE;
        return Math.min(Math.max(blocks, 1) * BLOCK_DEPTH_MULTIPLE, LARGEST_BLOCK_DEPTH);
    }

    /** Number of weights, padding not counted. */
    public long count() {
        return (long) outChannels * kernelHeight * kernelWidth * inChannels;
    }

    /**
     * Encodes weights in the order output channel, row, column, input channel.
     *
     * @param scales bias and scale of every output channel; null for zeros
     * @throws InputException if the backend refuses the layer or a weight is out of range
     */
    public LayerTensor encode(short[] weights, LayerScales scales, WeightCodec.Effort effort) {
        if (weights.length != count()) {
            throw new InputException("weights: found " + weights.length + ", expected " + count());
        }
        try (Place place = new Place(this);
                Npu.udc_npu_scale_record records = scales == null ? null : scales.toNative();
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            long[] bound = new long[1];
            int[] ranges = new int[1];
            NpuCalls.check(Npu.udc_npu_layer_size_bound(place.layer, bound, ranges, error), error);
            byte[] out = new byte[Math.toIntExact(bound[0])];
            long[] size = new long[1];
            try (Npu.udc_npu_layer_range parts = new Npu.udc_npu_layer_range(Math.max(ranges[0], 1))) {
                int status = Npu.udc_npu_encode_layer(place.layer, weights, weights.length, records,
                        scales == null ? 0 : outChannels, effort.code(), out, out.length, size, parts, ranges[0],
                        ranges, error);
                NpuCalls.check(status, error);
                return LayerTensor.of(out, Math.toIntExact(size[0]), parts, ranges[0]);
            }
        }
    }

    /**
     * Decodes a complete tensor that anybody may have written.
     *
     * @return weights in the order output channel, row, column, input channel
     * @throws InputException if the tensor is not one of this layer
     */
    public short[] decode(byte[] tensor) {
        short[] weights = new short[Math.toIntExact(count())];
        try (Place place = new Place(this);
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            int status = Npu.udc_npu_decode_layer(
                    place.layer, tensor, tensor.length, weights, weights.length, null, 0, error);
            NpuCalls.check(status, error);
        }
        return weights;
    }

    /** The plan in native memory, with what it points to. */
    private static final class Place implements AutoCloseable {

        private final Npu.udc_npu_layer layer = new Npu.udc_npu_layer();
        private final IntPointer slices;

        Place(LayerPlan plan) {
            slices = new IntPointer(
                    plan.depthSlices.stream().mapToInt(Integer::intValue).toArray());
            layer.zero();
            layer.kind(LayerStreams.kind(plan.kind))
                    .accelerator(plan.accelerator.ordinal())
                    .out_channels(plan.outChannels)
                    .kernel_height(plan.kernelHeight)
                    .kernel_width(plan.kernelWidth)
                    .in_channels(plan.inChannels)
                    .dilation_y(plan.dilation)
                    .dilation_x(plan.dilation)
                    .ifm_bits(plan.inputBits)
                    .ofm_block_depth(plan.ofmBlockDepth)
                    .depth_slices(slices)
                    .depth_slice_count(plan.depthSlices.size());
        }

        @Override
        public void close() {
            layer.close();
            slices.close();
        }
    }
}
