package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.DecisionKind;
import io.udc.search.space.SpaceGraph;
import java.util.List;
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
    private final List<DecisionKind> openKinds;
    private final Tensor kindShares;
    private final Tensor kindPools;
    private final Tensor structure;
    private final Device device;

    /** Starts with every option of a decision equally likely; all tensors live on the device. */
    public DecisionTable(SpaceGraph graph, Device device) {
        this.device = device;
        this.decisions = graph.decisions();
        this.options = decisions.stream().mapToInt(Decision::options).max().orElse(1);
        int rows = decisions.size();
        float[] pad = new float[rows * options];
        for (Decision decision : decisions) {
            int row = decision.index();
            for (int option = decision.options(); option < options; option++) {
                pad[row * options + option] = ABSENT;
            }
        }
        this.openKinds = decisions.stream()
                .filter(decision -> decision.options() > 1)
                .map(Decision::kind)
                .distinct()
                .sorted()
                .toList();
        try (StepScope scope = StepScope.open()) {
            logits = scope.keep(Devices.place(torch.zeros(rows, options), device));
            logits.set_requires_grad(true);
            padding = scope.keep(Devices.place(Tensor.create(pad, rows, options), device));
            kindPools = scope.keep(Devices.place(Tensor.create(kindPoolRows(), rows, rows), device));
            kindShares = scope.keep(Devices.place(Tensor.create(kindShares(), openKinds.size(), rows), device));
            structure = scope.keep(Devices.place(Tensor.create(structureRows(), rows, 1), device));
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
        Tensor gumbel = Devices.place(Tensor.create(noise, decisions.size(), options), device);
        Tensor noisy = logits.add(gumbel).mul(new Scalar(1 / temperature)).add(padding);
        return torch.softmax(noisy, 1);
    }

    /** The kinds of decision that have anything to decide; the rows of {@link #entropies}. */
    public List<DecisionKind> openKinds() {
        return openKinds;
    }

    /** Row per open kind: what turns the decisions' entropies into the kind's mean of entropy / log(options). */
    private float[] kindShares() {
        float[] shares = new float[openKinds.size() * decisions.size()];
        for (int kind = 0; kind < openKinds.size(); kind++) {
            DecisionKind wanted = openKinds.get(kind);
            List<Decision> open = decisions.stream()
                    .filter(decision -> decision.kind() == wanted && decision.options() > 1)
                    .toList();
            for (Decision decision : open) {
                shares[kind * decisions.size() + decision.index()] =
                        (float) (1 / (Math.log(decision.options()) * open.size()));
            }
        }
        return shares;
    }

    /** 0 for decisions on bits and sparsity, 1 for all others. */
    private float[] structureRows() {
        float[] rows = new float[decisions.size()];
        for (Decision decision : decisions) {
            rows[decision.index()] = decision.kind().compresses() ? 0 : 1;
        }
        return rows;
    }

    /** Makes all bits and all sparsities equally likely again. */
    void forgetCompression() {
        try (NoGradient off = NoGradient.open()) {
            logits.mul_(structure);
        }
    }

    /** What averages a value of each decision over the open decisions of its kind, [decisions, decisions]. */
    Tensor kindPools() {
        return kindPools;
    }

    private float[] kindPoolRows() {
        int rows = decisions.size();
        float[] pools = new float[rows * rows];
        for (Decision decision : decisions) {
            List<Decision> pool = decisions.stream()
                    .filter(other -> other.kind() == decision.kind() && other.options() > 1)
                    .toList();
            pool.forEach(other -> pools[decision.index() * rows + other.index()] = 1f / pool.size());
        }
        return pools;
    }

    /** Mean of entropy / log(options) for each open kind, [open kinds], between 0 and 1; differentiable. */
    public Tensor entropies(Tensor probabilities) {
        Tensor logarithm = probabilities.clamp_min(new Scalar(1e-12f)).log();
        return kindShares.mv(probabilities.mul(logarithm).sum(1)).neg();
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
        kindShares.close();
        kindPools.close();
        structure.close();
    }
}
