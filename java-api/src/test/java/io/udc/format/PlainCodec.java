package io.udc.format;

import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.Requantization;
import io.udc.npu.EncodedLayer;
import io.udc.npu.LayerCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A codec that does not compress: for tests of the file format alone. */
final class PlainCodec implements LayerCodec {

    @Override
    public String npu() {
        return "plain";
    }

    @Override
    public EncodedLayer encode(WeightedNode node, Shape input, IntegerLayer layer) {
        ByteBuffer out = ByteBuffer.allocate(16 * layer.channels().size() + layer.weights().length);
        for (ChannelRecord channel : layer.channels()) {
            out.putInt(channel.bias()).putLong(channel.rescale().multiplier()).putInt(channel.rescale().shift());
        }
        return new EncodedLayer(
                node.name(), 16, List.of(0, layer.channels().size()), out.put(layer.weights()).array());
    }

    @Override
    public IntegerLayer decode(WeightedNode node, Shape input, EncodedLayer layer) {
        ByteBuffer in = ByteBuffer.wrap(layer.tensor());
        List<ChannelRecord> channels = new ArrayList<>();
        for (int i = 0; i < layer.depthSlices().get(1); i++) {
            channels.add(new ChannelRecord(in.getInt(), new Requantization(in.getLong(), in.getInt())));
        }
        byte[] weights = new byte[in.remaining()];
        in.get(weights);
        return new IntegerLayer(node.name(), node.weightShape(input), weights, channels);
    }
}
