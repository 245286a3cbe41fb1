package io.udc.search.discrete;

import io.udc.integer.IntegerLayer;
import io.udc.integer.IntegerModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Makes a trained network small enough, exactly: prunes its least important weights, wherever they are, until the
 * encoded network keeps its limits. A weight's importance is its magnitude relative to its channel's root mean square.
 */
public final class BudgetRepair {

    private BudgetRepair() {}

    /**
     * The network with as few weights pruned as the limits allow; nothing if even all of them are too few.
     *
     * @param load measures a network by encoding it: the greatest share of a limit that it takes
     */
    public static Optional<IntegerModel> fit(IntegerModel model, ToDoubleFunction<IntegerModel> load) {
        if (load.applyAsDouble(model) <= 1) {
            return Optional.of(model);
        }
        if (load.applyAsDouble(pruned(model, Float.POSITIVE_INFINITY)) > 1) {
            return Optional.empty();
        }
        float[] importances = sortedImportances(model);
        int tooFew = 0;
        int enough = importances.length;
        while (enough - tooFew > 1 + importances.length / 4096) {
            int middle = (tooFew + enough) >>> 1;
            if (load.applyAsDouble(pruned(model, importances[middle - 1])) <= 1) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return Optional.of(pruned(model, importances[enough - 1]));
    }

    private static float[] sortedImportances(IntegerModel model) {
        int nonZero = 0;
        float[] all = new float[model.layers().stream().mapToInt(layer -> layer.weights().length).sum()];
        for (IntegerLayer layer : model.layers()) {
            float[] importance = importances(layer);
            for (int i = 0; i < importance.length; i++) {
                if (layer.weights()[i] != 0) {
                    all[nonZero++] = importance[i];
                }
            }
        }
        float[] sorted = Arrays.copyOf(all, nonZero);
        Arrays.sort(sorted);
        return sorted;
    }

    private static float[] importances(IntegerLayer layer) {
        int perChannel = layer.shape().perChannel();
        byte[] weights = layer.weights();
        float[] importance = new float[weights.length];
        for (int begin = 0; begin < weights.length; begin += perChannel) {
            double squares = 0;
            for (int i = begin; i < begin + perChannel; i++) {
                squares += weights[i] * weights[i];
            }
            double rms = Math.sqrt(squares / perChannel);
            for (int i = begin; i < begin + perChannel; i++) {
                // Position breaks ties, so that the number of pruned weights can be any.
                importance[i] = (float) (rms == 0 ? 0 : Math.abs(weights[i]) / rms * (1 + 1e-3 * hash(i)));
            }
        }
        return importance;
    }

    /** A number between 0 and 1 that spreads over the positions. */
    private static double hash(int i) {
        return (i * 0x9E3779B1 >>> 8) / (double) (1 << 24);
    }

    private static IntegerModel pruned(IntegerModel model, float greatest) {
        List<IntegerLayer> layers = new ArrayList<>();
        for (IntegerLayer layer : model.layers()) {
            float[] importance = importances(layer);
            byte[] weights = layer.weights().clone();
            for (int i = 0; i < weights.length; i++) {
                if (importance[i] <= greatest) {
                    weights[i] = 0;
                }
            }
            layers.add(new IntegerLayer(layer.node(), layer.shape(), weights, layer.channels()));
        }
        return new IntegerModel(model.architecture(), model.quantization(), layers);
    }
}
