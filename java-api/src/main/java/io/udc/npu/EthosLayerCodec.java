package io.udc.npu;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Shape;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.bindings.Npu;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.Requantization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.IntPointer;

/**
 * The weight streams of an Ethos-U (npu-backend/docs/weight-stream.md): Vela's rewrites, block depths and brick
 * order, one depth slice, and the backend's encoder at its best effort. Immutable, for any number of threads.
 */
public final class EthosLayerCodec implements LayerCodec {

    private static final int EIGHT_BITS = 8;

    private final PerformanceModel model;

    public EthosLayerCodec(NpuConfig config) {
        this.model = new PerformanceModel(config);
    }

    @Override
    public String npu() {
        return model.config().accelerator().toString();
    }

    @Override
    public EncodedLayer encode(WeightedNode node, Shape input, IntegerLayer layer) {
        NpuOperator operator = operator(node, input);
        WeightLayout layout = model.weightLayout(operator);
        int depth = model.velaBlock(operator).depth();
        List<Integer> slices = List.of(0, layout.outChannels());
        short[] weights = widened(layout.fold(outputRowColumnInput(layer.weights(), layer.shape())));
        try (NativeLayer place = new NativeLayer(model.config().accelerator(), layout, depth, slices);
                Npu.udc_npu_scale_record records = records(layer.channels());
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            long[] bound = new long[1];
            NpuCalls.check(Npu.udc_npu_layer_size_bound(place.layer, bound, new int[1], error), error);
            long[] size = new long[1];
            byte[] out = new byte[Math.toIntExact(bound[0])];
            int status = Npu.udc_npu_encode_layer(place.layer, weights, weights.length, records,
                    layer.channels().size(), Npu.UDC_NPU_EFFORT_BEST, out, out.length, size, null, 0, null, error);
            NpuCalls.check(status, error);
            return new EncodedLayer(node.name(), depth, slices, Arrays.copyOf(out, (int) size[0]));
        }
    }

    @Override
    public IntegerLayer decode(WeightedNode node, Shape input, EncodedLayer encoded) {
        WeightShape shape = node.weightShape(input);
        WeightLayout layout = model.weightLayout(operator(node, input));
        short[] values = new short[Math.toIntExact(layout.count())];
        try (NativeLayer place = new NativeLayer(
                        model.config().accelerator(), layout, encoded.ofmBlockDepth(), encoded.depthSlices());
                Npu.udc_npu_scale_record records = new Npu.udc_npu_scale_record(shape.outChannels());
                Npu.udc_npu_error error = new Npu.udc_npu_error()) {
            int status = Npu.udc_npu_decode_layer(place.layer, encoded.tensor(), encoded.tensor().length, values,
                    values.length, records, shape.outChannels(), error);
            if (status != Npu.UDC_NPU_OK) {
                throw new InputException(
                        "layer '" + node.name() + "': " + error.message().getString());
            }
            byte[] folded = narrowed(node, values);
            return new IntegerLayer(
                    node.name(),
                    shape,
                    outputInputRowColumn(layout.unfold(folded), shape),
                    channels(node, records, shape.outChannels()));
        }
    }

    /** A layer's description in native memory, with what it points to. */
    private static final class NativeLayer implements AutoCloseable {

        final Npu.udc_npu_layer layer = new Npu.udc_npu_layer();
        private final IntPointer slices;

        NativeLayer(Accelerator accelerator, WeightLayout layout, int blockDepth, List<Integer> bounds) {
            slices = new IntPointer(bounds.stream().mapToInt(Integer::intValue).toArray());
            layer.kind(switch (layout.kind()) {
                case DEPTHWISE -> Npu.UDC_NPU_LAYER_DEPTHWISE;
                case FULLY_CONNECTED -> Npu.UDC_NPU_LAYER_DENSE;
                default -> Npu.UDC_NPU_LAYER_CONV;
            });
            layer.accelerator(accelerator.ordinal());
            layer.out_channels(layout.outChannels());
            layer.kernel_height(layout.kernelHeight()).kernel_width(layout.kernelWidth());
            layer.in_channels(layout.inChannels());
            layer.dilation_y(layout.dilation()).dilation_x(layout.dilation());
            layer.ifm_bits(EIGHT_BITS);
            layer.ofm_block_depth(blockDepth);
            layer.depth_slices(slices).depth_slice_count(bounds.size());
        }

        @Override
        public void close() {
            layer.close();
            slices.close();
        }
    }

    private NpuOperator operator(WeightedNode node, Shape input) {
        NpuOperator operator = ArchitectureOperators.operator(node, Map.of(node.input(), input));
        return node.input().equals(Architecture.INPUT) ? operator.asFirst() : operator;
    }

    private static short[] widened(byte[] weights) {
        short[] values = new short[weights.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights[i];
        }
        return values;
    }

    private static byte[] narrowed(WeightedNode node, short[] values) {
        byte[] weights = new byte[values.length];
        int most = node.compression().maxLevel();
        for (int i = 0; i < weights.length; i++) {
            if (Math.abs(values[i]) > most) {
                throw new InputException("layer '" + node.name() + "': found the weight " + values[i]
                        + ", expected -" + most + " to " + most);
            }
            weights[i] = (byte) values[i];
        }
        return weights;
    }

    private static Npu.udc_npu_scale_record records(List<ChannelRecord> channels) {
        Npu.udc_npu_scale_record records = new Npu.udc_npu_scale_record(channels.size());
        for (int i = 0; i < channels.size(); i++) {
            ChannelRecord channel = channels.get(i);
            Npu.udc_npu_scale_record record = records.getPointer(i);
            record.bias(channel.bias());
            record.scale((int) channel.rescale().multiplier());
            record.shift(channel.rescale().shift());
        }
        return records;
    }

    private static List<ChannelRecord> channels(WeightedNode node, Npu.udc_npu_scale_record records, int count) {
        List<ChannelRecord> channels = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Npu.udc_npu_scale_record record = records.getPointer(i);
            long scale = Integer.toUnsignedLong(record.scale());
            if (record.bias() != (int) record.bias() || scale > 1L << 31) {
                throw new InputException("layer '" + node.name() + "': channel " + i + ": found bias "
                        + record.bias() + " and scale " + scale + ", expected 32 bits and at most 2^31");
            }
            channels.add(new ChannelRecord((int) record.bias(), new Requantization(scale, record.shift())));
        }
        return channels;
    }

    /** From libtorch's order to that of the streams: input channels innermost. */
    private static byte[] outputRowColumnInput(byte[] weights, WeightShape shape) {
        byte[] turned = new byte[weights.length];
        int window = shape.kernelHeight() * shape.kernelWidth();
        for (int o = 0; o < shape.outChannels(); o++) {
            for (int i = 0; i < shape.inChannels(); i++) {
                for (int k = 0; k < window; k++) {
                    turned[(o * window + k) * shape.inChannels() + i] =
                            weights[(o * shape.inChannels() + i) * window + k];
                }
            }
        }
        return turned;
    }

    private static byte[] outputInputRowColumn(byte[] weights, WeightShape shape) {
        byte[] turned = new byte[weights.length];
        int window = shape.kernelHeight() * shape.kernelWidth();
        for (int o = 0; o < shape.outChannels(); o++) {
            for (int i = 0; i < shape.inChannels(); i++) {
                for (int k = 0; k < window; k++) {
                    turned[(o * shape.inChannels() + i) * window + k] =
                            weights[(o * window + k) * shape.inChannels() + i];
                }
            }
        }
        return turned;
    }
}
