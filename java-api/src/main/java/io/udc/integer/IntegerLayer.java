package io.udc.integer;

import io.udc.arch.WeightShape;
import java.util.List;

/**
 * The integers of one weighted node.
 *
 * @param node the node's name
 * @param shape of the weights
 * @param weights row-major [outChannels, inChannels, kernelHeight, kernelWidth], each -127 to 127; not copied,
 *     so not to be changed
 * @param channels one record for each output channel
 */
public record IntegerLayer(String node, WeightShape shape, byte[] weights, List<ChannelRecord> channels) {

    public IntegerLayer {
        channels = List.copyOf(channels);
        if (weights.length != shape.count()) {
            throw new IllegalArgumentException(
                    node + ": found " + weights.length + " weights, expected " + shape.count());
        }
        if (channels.size() != shape.outChannels()) {
            throw new IllegalArgumentException(
                    node + ": found " + channels.size() + " scale records, expected " + shape.outChannels());
        }
    }

    /** The greatest magnitude that an accumulator, its bias or a partial sum of them can have. */
    long accumulatorBound(int inputZeroPoint) {
        int input = Math.max(Quantization.MAX - inputZeroPoint, inputZeroPoint - Quantization.MIN);
        int perChannel = shape.perChannel();
        long most = 0;
        for (int channel = 0; channel < shape.outChannels(); channel++) {
            long sum = 0;
            for (int i = 0; i < perChannel; i++) {
                sum += Math.abs(weights[channel * perChannel + i]);
            }
            most = Math.max(most, sum * input + Math.abs((long) channels.get(channel).bias()));
        }
        return most;
    }
}
