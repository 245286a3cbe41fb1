package io.udc.search.supernet;

import io.udc.arch.Architecture;
import io.udc.arch.WeightShape;
import io.udc.memory.StepScope;
import io.udc.search.space.Choices;
import io.udc.search.space.SearchLayer;
import io.udc.search.train.NetworkParameters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * A network of the space with the weights that it has in the supernet: the first channels of each layer and the
 * middle of its kernel.
 *
 * @param choices what was chosen
 * @param architecture the network
 * @param parameters its float parameters; batch norm's statistics, where there are any, are not known yet
 */
public record Subnet(Choices choices, Architecture architecture, NetworkParameters parameters) {

    /** Cuts a network out of the supernet. */
    public static Subnet of(Supernet supernet, Choices choices) {
        Architecture architecture = supernet.graph().architecture(choices);
        Map<String, float[]> values = new LinkedHashMap<>();
        for (SearchLayer layer : supernet.graph().usedLayers(choices)) {
            WeightShape shape = layer.shape(choices);
            int channels = shape.outChannels();
            values.put(layer.name() + ".weight", cut(layer.widest(), shape, supernet.weightArray(layer)));
            values.put(layer.name() + ".gamma", first(supernet.gamma(layer), channels));
            values.put(layer.name() + ".beta", first(supernet.beta(layer), channels));
            if (layer.type() != SearchLayer.Type.DENSE) {
                values.put(layer.name() + ".mean", new float[channels]);
                float[] variance = new float[channels];
                boolean normalized = supernet.graph().head().hasBatchNorm();
                Arrays.fill(variance, normalized ? 1 : (float) supernet.graph().fixedVariance(layer));
                values.put(layer.name() + ".variance", variance);
            }
        }
        return new Subnet(choices, architecture, NetworkParameters.of(architecture, values));
    }

    private static float[] cut(WeightShape from, WeightShape to, float[] weights) {
        float[] cut = new float[Math.toIntExact(to.count())];
        int margin = (from.kernelHeight() - to.kernelHeight()) / 2;
        int at = 0;
        for (int o = 0; o < to.outChannels(); o++) {
            for (int i = 0; i < to.inChannels(); i++) {
                for (int y = 0; y < to.kernelHeight(); y++) {
                    int row = (o * from.inChannels() + i) * from.kernelHeight() + y + margin;
                    System.arraycopy(weights, row * from.kernelWidth() + margin, cut, at, to.kernelWidth());
                    at += to.kernelWidth();
                }
            }
        }
        return cut;
    }

    private static float[] first(Tensor channels, int count) {
        float[] values = new float[(int) channels.numel()];
        try (StepScope scope = StepScope.open()) {
            new FloatPointer(channels.detach().cpu().contiguous().data_ptr()).get(values);
        }
        return Arrays.copyOf(values, count);
    }
}
