package io.udc.search.discrete;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import java.util.function.ToDoubleFunction;

/**
 * Turns the one knob that is left after the choices are made: every layer's share of surviving weights is multiplied
 * by one factor, until the encoded network takes as much of its limits as wanted. Sparsity is any number here, not
 * just an option of the space.
 */
public final class SparsityFit {

    private static final int HALVINGS = 14;
    private static final double LEAST_FACTOR = 0.02;
    private static final double GREATEST_FACTOR = 4;
    private static final double GREATEST_SPARSITY = 0.995;

    private SparsityFit() {}

    /**
     * The densest network of the family whose load is not greater than wanted; the sparsest one if all are.
     *
     * @param load measures a network: the share of the limits that it takes
     */
    public static Architecture fit(Architecture architecture, ToDoubleFunction<Architecture> load, double wanted) {
        Architecture densest = withDensity(architecture, GREATEST_FACTOR);
        if (load.applyAsDouble(densest) <= wanted) {
            return densest;
        }
        double fits = LEAST_FACTOR;
        double tooDense = GREATEST_FACTOR;
        for (int i = 0; i < HALVINGS; i++) {
            double factor = Math.sqrt(fits * tooDense);
            if (load.applyAsDouble(withDensity(architecture, factor)) <= wanted) {
                fits = factor;
            } else {
                tooDense = factor;
            }
        }
        return withDensity(architecture, fits);
    }

    private static Architecture withDensity(Architecture architecture, double factor) {
        return architecture.mapWeighted(node -> {
            double density = Math.min(1, (1 - node.compression().sparsity()) * factor);
            double sparsity = Math.min(GREATEST_SPARSITY, Math.round((1 - density) * 1e4) / 1e4);
            return node.withCompression(new Compression(node.compression().bits(), sparsity));
        });
    }
}
