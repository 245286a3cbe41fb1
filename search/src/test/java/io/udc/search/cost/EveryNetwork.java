package io.udc.search.cost;

import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;

/** Means over all networks of a space whose decisions have two options at most. */
record EveryNetwork(SpaceGraph graph) {

    static final int OPTIONS = 2;

    /** The mean of a figure when every decision is drawn on its own. */
    double mean(double[][] p, ToDoubleFunction<Choices> figure) {
        return mean(p, figure, new int[graph.decisions().size()], 0, 1.0);
    }

    private double mean(
            double[][] p, ToDoubleFunction<Choices> figure, int[] options, int decision, double probability) {
        if (decision == options.length) {
            return probability * figure.applyAsDouble(new Choices(options));
        }
        double sum = 0;
        for (int option = 0; option < graph.decisions().get(decision).options(); option++) {
            options[decision] = option;
            double next = probability * p[decision][option];
            sum += next == 0 ? 0 : mean(p, figure, options, decision + 1, next);
        }
        return sum;
    }

    double[][] randomProbabilities(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] p = new double[graph.decisions().size()][OPTIONS];
        for (Decision decision : graph.decisions()) {
            double first = decision.options() == 1 ? 1 : random.nextDouble();
            p[decision.index()][0] = first;
            p[decision.index()][1] = 1 - first;
        }
        return p;
    }

    /** Probabilities that leave no choice. */
    double[][] certain(Choices choices) {
        double[][] p = new double[graph.decisions().size()][OPTIONS];
        graph.decisions().forEach(decision -> p[decision.index()][choices.option(decision.index())] = 1);
        return p;
    }

    static Tensor tensor(double[][] p) {
        float[] flat = new float[p.length * OPTIONS];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) p[i / OPTIONS][i % OPTIONS];
        }
        return Tensor.create(flat, p.length, OPTIONS);
    }
}
