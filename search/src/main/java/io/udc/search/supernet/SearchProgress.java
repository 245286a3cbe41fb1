package io.udc.search.supernet;

import io.udc.memory.NoGradient;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Everything of a search that changes from step to step besides weights and logits. Not thread-safe. */
public final class SearchProgress implements AutoCloseable {

    private final Supernet supernet;
    private final DecisionTable decisions;
    private final SearchSettings settings;
    private final Adam weightOptimizer;
    private final Adam affineOptimizer;
    private final Adam decisionOptimizer;
    private final List<Lagrangian> budgetMultipliers = new ArrayList<>();
    private final Lagrangian entropyMultiplier;
    private SplittableRandom random;
    private int epoch;
    private long steps;
    private double seconds;

    SearchProgress(
            Supernet supernet, DecisionTable decisions, SearchSettings settings, int budgets, SplittableRandom random) {
        this.supernet = supernet;
        this.decisions = decisions;
        this.settings = settings;
        this.random = random;
        SupernetParameters parameters = supernet.parameters();
        this.weightOptimizer = new Adam(parameters.weights(), 0.9, 0.99);
        this.affineOptimizer = new Adam(parameters.affine(), 0.9, 0.99);
        this.decisionOptimizer = new Adam(decisions.logits(), 0.5, 0.99);
        for (int i = 0; i < budgets; i++) {
            budgetMultipliers.add(Lagrangian.zero(settings.penalty()));
        }
        this.entropyMultiplier = Lagrangian.zero(settings.penalty());
    }

    /** Epochs that are complete. */
    public int epoch() {
        return epoch;
    }

    void finishEpoch() {
        epoch++;
    }

    /** Steps of the weights that are complete. */
    long steps() {
        return steps;
    }

    long countStep() {
        return steps++;
    }

    /** Adds to the wall time and returns the sum. */
    double addSeconds(double more) {
        seconds += more;
        return seconds;
    }

    SplittableRandom random() {
        return random;
    }

    List<Lagrangian> budgetMultipliers() {
        return budgetMultipliers;
    }

    Lagrangian entropyMultiplier() {
        return entropyMultiplier;
    }

    void stepWeights(double learningRate) {
        SupernetParameters p = supernet.parameters();
        weightOptimizer.step(p.weights(), p.weightGradients(), learningRate);
        affineOptimizer.step(p.affine(), p.affineGradients(), learningRate);
        supernet.normalizeWeights();
    }

    void stepDecisions(double learningRate) {
        Tensor logits = decisions.logits();
        decisionOptimizer.step(logits, logits.grad(), learningRate);
        try (NoGradient off = NoGradient.open()) {
            logits.mutable_grad().zero_();
        }
    }

    @Override
    public void close() {
        weightOptimizer.close();
        affineOptimizer.close();
        decisionOptimizer.close();
    }
}
