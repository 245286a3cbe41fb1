package io.udc.search.supernet;

import io.udc.data.Seeds;
import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.search.discrete.Budget;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Everything of a search that changes from step to step besides weights and logits. Not thread-safe. */
public final class SearchProgress implements AutoCloseable {

    private final Supernet supernet;
    private final DecisionTable decisions;
    private final Adam weightOptimizer;
    private final Adam affineOptimizer;
    private final Adam decisionOptimizer;
    private final Constraints constraints;
    private final Lagrangian entropyLagrangian;
    private final boolean normalizedWeights;
    private final long seed;
    private SplittableRandom random;
    private int epoch;
    private long steps;
    private double seconds;

    SearchProgress(
            Supernet supernet,
            DecisionTable decisions,
            SearchSettings settings,
            List<Budget> budgets,
            long seed,
            Device device) {
        this.supernet = supernet;
        this.decisions = decisions;
        this.normalizedWeights = settings.normalizedWeights();
        this.seed = seed;
        SupernetParameters parameters = supernet.parameters();
        this.weightOptimizer = new Adam(parameters.weights(), 0.9, 0.99);
        this.affineOptimizer = new Adam(parameters.affine(), 0.9, 0.99);
        this.decisionOptimizer = new Adam(decisions.logits(), 0.9, 0.99, decisions.kindPools());
        this.constraints = new Constraints(budgets, settings.penalty(), device);
        this.entropyLagrangian = new Lagrangian(
                decisions.openKinds().size(), settings.penalty(), settings.penalty(), device);
    }

    /** Epochs that are complete. */
    public int epoch() {
        return epoch;
    }

    /** Noise of its own for each epoch, so that a resumed search sees the same. */
    void startEpoch() {
        random = new SplittableRandom(Seeds.mix(seed, epoch));
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

    Constraints constraints() {
        return constraints;
    }

    /** Of the entropies of {@link DecisionTable#openKinds}. */
    Lagrangian entropyLagrangian() {
        return entropyLagrangian;
    }

    void stepWeights(double learningRate) {
        SupernetParameters p = supernet.parameters();
        weightOptimizer.step(p.weights(), p.weightGradients(), learningRate);
        affineOptimizer.step(p.affine(), p.affineGradients(), learningRate);
        if (normalizedWeights) {
            supernet.normalizeWeights();
        }
    }

    void stepDecisions(double learningRate) {
        Tensor logits = decisions.logits();
        decisionOptimizer.step(logits, logits.grad(), learningRate);
        try (NoGradient off = NoGradient.open()) {
            logits.mutable_grad().zero_();
        }
    }

    /** The state to save. */
    public SearchSnapshot snapshot() {
        SearchSnapshot.State state = new SearchSnapshot.State(
                epoch,
                steps,
                seconds,
                optimizers().stream().map(Adam::steps).toList(),
                constraints.toList(),
                entropyLagrangian.multipliers());
        return new SearchSnapshot(state, SearchSnapshot.store(tensors()));
    }

    /** Goes back to a saved state. */
    public void restore(SearchSnapshot snapshot) {
        SearchSnapshot.State state = snapshot.state();
        epoch = state.epoch();
        steps = state.steps();
        seconds = state.seconds();
        for (int i = 0; i < optimizers().size(); i++) {
            optimizers().get(i).setSteps(state.optimizerSteps().get(i));
        }
        constraints.restore(state.budgetMultipliers());
        entropyLagrangian.restore(state.entropyMultipliers());
        snapshot.restore(tensors());
    }

    private List<Adam> optimizers() {
        return List.of(weightOptimizer, affineOptimizer, decisionOptimizer);
    }

    private Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weights", supernet.parameters().weights());
        tensors.put("affine", supernet.parameters().affine());
        tensors.put("logits", decisions.logits());
        for (int i = 0; i < optimizers().size(); i++) {
            tensors.put("first." + i, optimizers().get(i).state().get(0));
            tensors.put("second." + i, optimizers().get(i).state().get(1));
        }
        return tensors;
    }

    @Override
    public void close() {
        weightOptimizer.close();
        affineOptimizer.close();
        decisionOptimizer.close();
        constraints.close();
        entropyLagrangian.close();
    }
}
