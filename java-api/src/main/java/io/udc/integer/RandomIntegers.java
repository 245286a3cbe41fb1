package io.udc.integer;

import io.udc.arch.Architecture;
import io.udc.arch.Node;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Networks with random weights, biases, scales and zero points: for measurements and tests, not for answers. */
public final class RandomIntegers {

    private RandomIntegers() {}

    /** A network whose factors come from float32 scales of its weights, as those of trained networks do. */
    public static IntegerModel of(Architecture architecture, Random random) {
        Map<String, Quantization> quantization = new LinkedHashMap<>();
        quantization.put(Architecture.INPUT, quantization(random, random.nextInt(256) - 128));
        List<IntegerLayer> layers = new ArrayList<>();
        for (Node node : architecture.nodes()) {
            Quantization input = quantization.get(node.inputs().get(0));
            boolean same = IntegerModel.keepsQuantization(node);
            quantization.put(node.name(), same ? input : quantization(random, random.nextInt(256) - 128));
            if (node instanceof WeightedNode weighted) {
                layers.add(layer(
                        weighted, architecture.weightShape(weighted), input, quantization.get(node.name()), random));
            }
        }
        return new IntegerModel(architecture, quantization, layers);
    }

    private static Quantization quantization(Random random, int zeroPoint) {
        return new Quantization(0.01f + random.nextFloat(), zeroPoint);
    }

    private static IntegerLayer layer(
            WeightedNode node, WeightShape shape, Quantization input, Quantization output, Random random) {
        byte[] weights = new byte[(int) shape.count()];
        int most = node.compression().maxLevel();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (byte) (random.nextInt(2 * most + 1) - most);
        }
        List<ChannelRecord> channels = new ArrayList<>();
        double spread = 255.0 * most * Math.sqrt(shape.perChannel());
        for (int i = 0; i < shape.outChannels(); i++) {
            double wanted = 400 * random.nextDouble() * random.nextDouble() / spread;
            float weightScale = (float) (wanted * output.scale() / input.scale());
            double factor = (double) input.scale() * weightScale / output.scale();
            int bias = (int) (random.nextGaussian() * spread / 4);
            channels.add(new ChannelRecord(bias, Requantization.of(factor)));
        }
        return new IntegerLayer(node.name(), shape, weights, channels);
    }
}
