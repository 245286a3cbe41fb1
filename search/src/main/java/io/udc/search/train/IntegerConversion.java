package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.WeightedNode;
import io.udc.integer.ChannelRecord;
import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import io.udc.integer.Quantization;
import io.udc.integer.Requantization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns trained parameters into the integer network: batch norm becomes the bias and the rescaling of each output
 * channel, and weights become levels.
 *
 * <p>Scales are float32, and rescaling factors come from them in float64 as TFLite computes them, so a TFLite file
 * with these scales has the same multipliers.
 */
final class IntegerConversion {

    /** Channels with a smaller factor from accumulator to output than this cannot change the output. */
    private static final double LEAST_FACTOR = 1e-7;

    /** The factor of a channel that is constant. */
    private static final double CONSTANT_FACTOR = 1.0 / 256;

    private static final double GREATEST_BIAS = 1 << 29;

    /**
     * A sum whose standard deviation is below this many accumulator units is an integer that moves in fewer than one
     * of 400 positions. Batch norm's gain for it is so large that its bias, which is counted in those units, would
     * round to nothing; the channel is its shift instead.
     */
    private static final double LEAST_DEVIATION = 0.05;

    private IntegerConversion() {}

    /**
     * The integer network.
     *
     * @param parameters with the steps of all weights
     * @param masks 1 where a weight survives, all layers one after the other
     * @throws InputException if a layer's sums do not fit 32 bits
     */
    static IntegerModel convert(
            Architecture architecture,
            NetworkParameters parameters,
            byte[] masks,
            Map<String, Quantization> quantization) {
        List<IntegerLayer> layers = new ArrayList<>();
        int offset = 0;
        for (WeightedNode node : architecture.weightedNodes()) {
            double inputScale = quantization.get(node.input()).scale();
            double outputScale = quantization.get(node.name()).scale();
            layers.add(layer(architecture, node, parameters, masks, offset, inputScale, outputScale));
            offset += layers.get(layers.size() - 1).weights().length;
        }
        try {
            return new IntegerModel(architecture, quantization, layers);
        } catch (IllegalArgumentException e) {
            throw new InputException("network '" + architecture.name() + "' has no integer form: " + e.getMessage()
                    + "; narrower layers or fewer weight bits may help", e);
        }
    }

    private static IntegerLayer layer(
            Architecture architecture,
            WeightedNode node,
            NetworkParameters parameters,
            byte[] masks,
            int maskOffset,
            double inputScale,
            double outputScale) {
        float[] weights = parameters.get(node.name() + ".weight");
        float[] steps = parameters.get(node.name() + ".step");
        int perChannel = architecture.weightShape(node).perChannel();
        byte[] levels = new byte[weights.length];
        List<ChannelRecord> channels = new ArrayList<>();
        for (int channel = 0; channel < steps.length; channel++) {
            if (!varies(node, parameters, channel, inputScale * steps[channel])) {
                channels.add(constant(parameters.get(node.name() + ".beta")[channel] / outputScale));
                continue;
            }
            double gain = gain(node, parameters, channel);
            double bias = bias(node, parameters, channel, gain);
            float weightScale = (float) (Math.abs(gain) * steps[channel]);
            double factor = inputScale * weightScale / outputScale;
            double units = bias / (inputScale * weightScale);
            boolean weighs = false;
            if (factor >= LEAST_FACTOR && Math.abs(units) <= GREATEST_BIAS) {
                int sign = gain < 0 ? -1 : 1;
                for (int i = channel * perChannel; i < (channel + 1) * perChannel; i++) {
                    int level = masks[maskOffset + i] == 0
                            ? 0
                            : level(weights[i], steps[channel], node.compression().maxLevel());
                    levels[i] = (byte) (sign * level);
                    weighs |= level != 0;
                }
            }
            channels.add(weighs
                    ? new ChannelRecord((int) Math.rint(units), Requantization.of(factor))
                    : constant(bias / outputScale));
        }
        return new IntegerLayer(node.name(), architecture.weightShape(node), levels, channels);
    }

    /** The level of a weight, as the fake quantization rounds it. */
    static int level(float weight, float step, int maxLevel) {
        return (int) Math.min(Math.max(Math.rint(weight / step), -maxLevel), maxLevel);
    }

    private static ChannelRecord constant(double outputUnits) {
        double bounded = Math.min(Math.max(outputUnits, -512), 512);
        return new ChannelRecord(
                (int) Math.rint(bounded / CONSTANT_FACTOR), Requantization.of(CONSTANT_FACTOR));
    }

    private static boolean varies(WeightedNode node, NetworkParameters parameters, int channel, double unit) {
        return node instanceof Dense
                || Math.sqrt(parameters.get(node.name() + ".variance")[channel]) >= LEAST_DEVIATION * unit;
    }

    private static double gain(WeightedNode node, NetworkParameters parameters, int channel) {
        double gamma = parameters.get(node.name() + ".gamma")[channel];
        if (node instanceof Dense) {
            return gamma;
        }
        return gamma / Math.sqrt(parameters.get(node.name() + ".variance")[channel] + TrainableNetwork.EPSILON);
    }

    private static double bias(WeightedNode node, NetworkParameters parameters, int channel, double gain) {
        double beta = parameters.get(node.name() + ".beta")[channel];
        return node instanceof Dense ? beta : beta - gain * parameters.get(node.name() + ".mean")[channel];
    }
}
