package io.udc.search.train;

import io.udc.device.Device;
import io.udc.search.train.ParameterStore.Section;
import io.udc.search.train.TrainingConfig.OptimizerKind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Changes all parameters of a {@link ParameterStore} by their gradients: SGD with momentum, AdamW (Loshchilov and
 * Hutter, arXiv 1711.05101), or Muon, which is AdamW but for the weights of the dense stage
 * ({@link OrthogonalMomentum}). Only gains decay. Not thread-safe.
 *
 * <p>SGD multiplies the gradient of a weight by the number of weights that feed its output channel: with weights of
 * root mean square 1 this is the gradient with respect to a weight vector of length 1, so that one learning rate
 * suits layers of any width.
 */
final class Optimizer implements AutoCloseable {

    private static final double SECOND_DECAY = 0.99;
    private static final double EPSILON = 1e-8;

    /** Begins the names of the factors' moving averages. */
    private static final String FACTORS = "factors.";

    private final TrainingConfig config;
    private final ParameterStore store;
    private final Map<String, Tensor> state = new TreeMap<>();
    private final Tensor gradientScale;
    private final OrthogonalMomentum orthogonal; // null: weights are never stepped as matrices
    private boolean matrices; // whether weights are stepped as matrices
    private LinearFactors factors;
    private long steps;

    Optimizer(TrainingConfig config, ParameterStore store, Device device) {
        this.config = config;
        this.store = store;
        long size = store.values().numel();
        state.put("first", store.flat(size, torch.ScalarType.Float, device));
        if (adapts()) {
            state.put("second", store.flat(size, torch.ScalarType.Float, device));
            gradientScale = null;
        } else {
            gradientScale = store.flat(store.size(Section.WEIGHTS), torch.ScalarType.Float, device);
            ParameterStore.write(gradientScale, fanIn());
        }
        orthogonal = config.optimizer() == OptimizerKind.MUON
                ? new OrthogonalMomentum(store.slices().stream().map(this::matrices).toList())
                : null;
    }

    private OrthogonalMomentum.Layer matrices(LayerSlice slice) {
        return new OrthogonalMomentum.Layer(
                store.matrices(store.values(), slice),
                store.matrices(store.gradients(), slice),
                store.matrices(state.get("first"), slice));
    }

    /** Whether steps are divided by the root of a second moment. */
    private boolean adapts() {
        return config.optimizer() != OptimizerKind.SGD;
    }

    /** The moving averages by name, for checkpoints. */
    Map<String, Tensor> state() {
        return state;
    }

    /** Steps these factors from now on in the place of the weights that they give; null for all weights themselves. */
    void take(LinearFactors chosen) {
        factors = chosen;
        state.keySet().removeIf(name -> name.startsWith(FACTORS));
        if (factors != null) {
            List.copyOf(state.keySet()).forEach(name -> state.put(FACTORS + name, factors.zeros()));
        }
    }

    long steps() {
        return steps;
    }

    /** Continues after a number of steps. */
    void resume(long done) {
        steps = done;
    }

    /**
     * Steps a stage's parameters from now on. Weights behind a mask are not stepped as matrices: along all singular
     * vectors, what is pruned would move as well.
     */
    void enter(Stage stage) {
        matrices = orthogonal != null && !stage.quantized();
    }

    /** Forgets all earlier gradients. */
    void reset() {
        steps = 0;
        state.values().forEach(Tensor::zero_);
    }

    /** One step. Needs a scope that is open, and no gradient mode. */
    void step(double learningRate, double momentum) {
        steps++;
        if (gradientScale != null) {
            store.gradients(Section.WEIGHTS).mul_(gradientScale);
        }
        if (factors != null) {
            factors.backward();
        }
        clip();
        long from = 0;
        for (Section section : Section.values()) {
            if (section == Section.WEIGHTS && matrices && factors == null) {
                orthogonal.step(learningRate, momentum);
            } else if (store.size(section) > 0) {
                step(section, from, learningRate, momentum);
            }
            from += store.size(section);
        }
        if (factors != null) {
            move(factors.values(), factors.gradients(), FACTORS, 0, learningRate, momentum);
            factors.collapse();
        }
    }

    private void step(Section section, long from, double learningRate, double momentum) {
        boolean isStep = section == Section.WEIGHT_STEPS || section == Section.MAP_STEPS;
        double rate = learningRate * (isStep ? config.stepLearningRate() : 1);
        if (rate > 0) {
            Tensor value = store.values(section);
            if (section == Section.GAINS && config.weightDecay() > 0) {
                value.mul_(new Scalar(1 - rate * config.weightDecay()));
            }
            move(value, store.gradients(section), "", from, rate, momentum);
        }
    }

    /** @param from where the values' moving averages, whose names begin with the owner, begin */
    private void move(Tensor value, Tensor gradient, String owner, long from, double rate, double momentum) {
        long count = value.numel();
        Tensor first = state.get(owner + "first").narrow(0, from, count);
        if (adapts()) {
            Tensor second = state.get(owner + "second").narrow(0, from, count);
            adam(value, gradient, first, second, rate, momentum);
        } else {
            descend(value, gradient, first, rate, momentum);
        }
    }

    private void adam(Tensor value, Tensor gradient, Tensor first, Tensor second, double rate, double decay) {
        first.lerp_(gradient, new Scalar(1 - decay));
        second.mul_(new Scalar(SECOND_DECAY)).addcmul_(gradient, gradient, new Scalar(1 - SECOND_DECAY));
        double firstBias = 1 - Math.pow(decay, steps);
        double secondBias = Math.sqrt(1 - Math.pow(SECOND_DECAY, steps));
        Tensor denominator = second.sqrt().add_(new Scalar(EPSILON * secondBias));
        value.addcdiv_(first, denominator, new Scalar(-rate * secondBias / firstBias));
    }

    private void descend(Tensor value, Tensor gradient, Tensor velocity, double rate, double momentum) {
        velocity.mul_(new Scalar(momentum)).add_(gradient);
        if (config.nesterov()) {
            value.add_(gradient, new Scalar(-rate));
            value.add_(velocity, new Scalar(-rate * momentum));
        } else {
            value.add_(velocity, new Scalar(-rate));
        }
    }

    private void clip() {
        if (config.gradientClipping() > 0) {
            Tensor norm = store.gradients().norm();
            if (factors != null) {
                norm = torch.hypot(norm, factors.gradients().norm());
            }
            Tensor share = norm.reciprocal().mul(new Scalar(config.gradientClipping())).clamp_max(new Scalar(1));
            store.gradients().mul_(share);
            if (factors != null) {
                factors.gradients().mul_(share);
            }
        }
    }

    private float[] fanIn() {
        float[] scale = new float[(int) store.size(Section.WEIGHTS)];
        for (LayerSlice slice : store.slices()) {
            int from = (int) slice.weightOffset();
            Arrays.fill(scale, from, from + slice.weights(), slice.shape().perChannel());
        }
        return scale;
    }

    @Override
    public void close() {
        if (orthogonal != null) {
            orthogonal.close(); // its layers are the store's views
        }
    }
}
