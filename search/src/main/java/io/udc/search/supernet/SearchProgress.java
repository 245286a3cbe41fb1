package io.udc.search.supernet;

import io.udc.data.Seeds;
import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.discrete.Budget;
import io.udc.search.space.SearchLayer;
import io.udc.search.supernet.SearchSettings.WeightOptimizer;
import io.udc.search.train.OrthogonalMomentum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;

/** Everything of a search that changes from step to step besides weights and logits. Not thread-safe. */
public final class SearchProgress implements AutoCloseable {

    private static final double FIRST_DECAY = 0.9;
    private static final double SECOND_DECAY = 0.99;

    /** Of the momentum whose singular values are brought to 1. */
    private static final double MOMENTUM = 0.95;

    private final Supernet supernet;
    private final DecisionTable decisions;
    private final List<OrthogonalMomentum.Layer> matrices;
    private OrthogonalMomentum orthogonal; // null: Adam steps the weights
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
        this.weightOptimizer = new Adam(parameters.weights(), FIRST_DECAY, SECOND_DECAY);
        this.affineOptimizer = new Adam(parameters.affine(), FIRST_DECAY, SECOND_DECAY);
        this.decisionOptimizer =
                new Adam(decisions.logits(), FIRST_DECAY, SECOND_DECAY, decisions.kindPools());
        this.matrices = settings.optimizer() == WeightOptimizer.MUON ? matrices() : List.of();
        this.orthogonal = matrices.isEmpty() ? null : new OrthogonalMomentum(matrices);
        this.constraints = new Constraints(budgets, settings.penalty(), device);
        this.entropyLagrangian = new Lagrangian(
                decisions.openKinds().size(), settings.penalty(), settings.penalty(), device);
    }

    /** The shared weights with the first moments of their gradients; views. */
    private List<OrthogonalMomentum.Layer> matrices() {
        SupernetParameters parameters = supernet.parameters();
        Tensor momenta = weightOptimizer.state().get(0);
        List<OrthogonalMomentum.Layer> layers = new ArrayList<>();
        long offset = 0;
        try (StepScope scope = StepScope.open()) {
            for (SearchLayer layer : supernet.graph().layers()) {
                long groups = layer.type() == SearchLayer.Type.DEPTHWISE ? layer.out().largest() : 1;
                long[] form = {groups, layer.out().largest() / groups, layer.widest().perChannel()};
                layers.add(new OrthogonalMomentum.Layer(
                        scope.keep(SupernetParameters.view(parameters.weights(), offset, form)),
                        scope.keep(SupernetParameters.view(parameters.weightGradients(), offset, form)),
                        scope.keep(SupernetParameters.view(momenta, offset, form))));
                offset += layer.widest().count();
            }
        }
        return layers;
    }

    /**
     * Lets weights stand still that are out of use. Adam's do by themselves, as their gradients are 0; along a momentum,
     * however small, all steps are of one length.
     *
     * @param unused layers that no step's network has until the next call
     */
    void leaveOut(Set<SearchLayer> unused) {
        if (orthogonal != null) {
            orthogonal.close();
            orthogonal = new OrthogonalMomentum(supernet.graph().layers().stream()
                    .filter(layer -> !unused.contains(layer))
                    .map(layer -> matrices.get(layer.index()))
                    .toList());
        }
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

    @SuppressWarnings("try")
    void stepWeights(double learningRate) {
        SupernetParameters p = supernet.parameters();
        if (orthogonal == null) {
            weightOptimizer.step(p.weights(), p.weightGradients(), learningRate);
        } else {
            try (StepScope scope = StepScope.open();
                    NoGradient off = NoGradient.open()) {
                orthogonal.step(learningRate, MOMENTUM);
            }
        }
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
        if (orthogonal != null) {
            orthogonal.close();
        }
        matrices.forEach(OrthogonalMomentum.Layer::close);
        weightOptimizer.close();
        affineOptimizer.close();
        decisionOptimizer.close();
        constraints.close();
        entropyLagrangian.close();
    }
}
