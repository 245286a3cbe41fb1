package io.udc.search.train;

import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** Brings weights to a root mean square of 1 per output channel without changing what a network computes. */
final class UnitScale {

    /** Smaller deviations are left alone, so that parameters that were saved come back bit for bit. */
    private static final double TOLERANCE = 1e-4;

    private UnitScale() {}

    /**
     * The same function with scaled weights: statistics and steps scale with them, a dense layer's gain against
     * them. Channels of zeros stay.
     */
    static NetworkParameters apply(Architecture architecture, NetworkParameters given) {
        Map<String, float[]> scaled = new LinkedHashMap<>(given.values());
        for (WeightedNode node : architecture.weightedNodes()) {
            WeightShape shape = architecture.weightShape(node);
            String name = node.name();
            for (String kind : new String[] {".weight", ".gamma", ".mean", ".variance", ".step"}) {
                scaled.computeIfPresent(name + kind, (key, values) -> values.clone());
            }
            float[] weights = scaled.get(name + ".weight");
            for (int channel = 0; channel < shape.outChannels(); channel++) {
                double rms = rootMeanSquare(weights, channel * shape.perChannel(), shape.perChannel());
                if (rms < 1e-15 || Math.abs(rms - 1) < TOLERANCE) {
                    continue;
                }
                for (int i = 0; i < shape.perChannel(); i++) {
                    weights[channel * shape.perChannel() + i] /= (float) rms;
                }
                divide(scaled.get(name + ".step"), channel, rms);
                if (node instanceof Dense) {
                    divide(scaled.get(name + ".gamma"), channel, 1 / rms);
                } else {
                    divide(scaled.get(name + ".mean"), channel, rms);
                    divide(scaled.get(name + ".variance"), channel, rms * rms);
                }
            }
        }
        return NetworkParameters.of(architecture, scaled);
    }

    static double rootMeanSquare(float[] values, int begin, int count) {
        double sum = 0;
        for (int i = begin; i < begin + count; i++) {
            sum += (double) values[i] * values[i];
        }
        return Math.sqrt(sum / count);
    }

    private static void divide(float[] values, int index, double divisor) {
        if (values != null) {
            values[index] = (float) (values[index] / divisor);
        }
    }
}
