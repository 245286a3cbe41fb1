package io.udc.search.supernet;

import io.udc.memory.StepScope;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.DecisionKind;
import io.udc.search.space.SpaceGraph;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The logits of all decisions in one padded table [decisions, options], so that softmax, noise, entropy and costs
 * are a handful of operations however many decisions there are. Not thread-safe.
 */
public final class DecisionTable implements AutoCloseable {

    /** Added to the logits of options that a decision does not have; their probability becomes exactly 0. */
    private static final float ABSENT = -1e9f;

    private final List<Decision> decisions;
    private final int options;
    private final Tensor logits;
    private final Tensor padding;
    private final Tensor inverseMaxEntropy;

    /** Starts with every option of a decision equally likely. */
    public DecisionTable(SpaceGraph graph) {
        this.decisions = graph.decisions();
        this.options = decisions.stream().mapToInt(Decision::options).max().orElse(1);
        int rows = decisions.size();
        float[] pad = new float[rows * options];
        float[] scale = new float[rows];
        long open = decisions.stream().filter(decision -> decision.options() > 1).count();
        for (Decision decision : decisions) {
            int row = decision.index();
            for (int option = decision.options(); option < options; option++) {
                pad[row * options + option] = ABSENT;
            }
            scale[row] = decision.options() > 1
                    ? (float) (1 / (Math.log(decision.options()) * Math.max(1, open)))
                    : 0f;
        }
        try (StepScope scope = StepScope.open()) {
            logits = scope.keep(torch.zeros(rows, options));
            logits.set_requires_grad(true);
            padding = scope.keep(Tensor.create(pad, rows, options));
            inverseMaxEntropy = scope.keep(Tensor.create(scale, rows));
        }
    }

    /** The learned logits, [decisions, options]. */
    public Tensor logits() {
        return logits;
    }

    /** Length of a row: the most options that any decision has. */
    public int options() {
        return options;
    }

    /** Probabilities without noise, [decisions, options]; differentiable. */
    public Tensor probabilities() {
        return torch.softmax(logits.add(padding), 1);
    }

    /**
     * Probabilities of a Gumbel softmax (Jang et al., ICLR 2017), [decisions, options]; differentiable.
     *
     * @param scale of the noise, 0 for none
     */
    public Tensor noisyProbabilities(double temperature, double scale, SplittableRandom random) {
        float[] noise = new float[decisions.size() * options];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (float) (-scale * Math.log(-Math.log(random.nextDouble(1e-12, 1))));
        }
        Tensor gumbel = Tensor.create(noise, decisions.size(), options);
        Tensor noisy = logits.add(gumbel).mul(new Scalar(1 / temperature)).add(padding);
        return torch.softmax(noisy, 1);
    }

    /** Mean over the decisions of entropy / log(options), between 0 and 1; a differentiable scalar. */
    public Tensor meanEntropy(Tensor probabilities) {
        Tensor logarithm = probabilities.clamp_min(new Scalar(1e-12f)).log();
        return probabilities.mul(logarithm).sum(1).mul(inverseMaxEntropy).sum().neg();
    }

    /** The mean normalised entropy of each kind of decision that the space has, for logs. */
    public Map<DecisionKind, Double> entropyByKind() {
        double[][] p = toArray();
        Map<DecisionKind, double[]> sums = new EnumMap<>(DecisionKind.class);
        for (Decision decision : decisions) {
            if (decision.options() > 1) {
                double[] sum = sums.computeIfAbsent(decision.kind(), kind -> new double[2]);
                sum[0] += entropy(p[decision.index()]) / Math.log(decision.options());
                sum[1]++;
            }
        }
        Map<DecisionKind, Double> means = new EnumMap<>(DecisionKind.class);
        sums.forEach((kind, sum) -> means.put(kind, sum[0] / sum[1]));
        return means;
    }

    private static double entropy(double[] p) {
        double sum = 0;
        for (double value : p) {
            sum -= value > 0 ? value * Math.log(value) : 0;
        }
        return sum;
    }

    /** The probabilities without noise as plain numbers, by decision and option. */
    public double[][] toArray() {
        float[] flat = new float[decisions.size() * options];
        try (StepScope scope = StepScope.open()) {
            Tensor p = probabilities().detach().cpu().contiguous();
            new FloatPointer(p.data_ptr()).get(flat);
        }
        double[][] table = new double[decisions.size()][options];
        for (int i = 0; i < flat.length; i++) {
            table[i / options][i % options] = flat[i];
        }
        return table;
    }

    /** The most likely option of every decision. */
    public Choices mostLikely(SpaceGraph graph) {
        double[][] p = toArray();
        return graph.choose((decision, option) -> p[decision.index()][option]);
    }

    @Override
    public void close() {
        logits.close();
        padding.close();
        inverseMaxEntropy.close();
    }
}
