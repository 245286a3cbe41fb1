package io.udc.search.train;

import io.udc.device.Precision;
import io.udc.kernels.NormalizedSum;
import io.udc.memory.NoGradient;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Batch norm of maps, their sum with a residual and a ReLU in a network that learns: by one kernel where there is one,
 * else by libtorch.
 *
 * @param rectify whether a ReLU ends it
 * @param momentum weight of this batch in statistics that are kept; negative to normalize by these instead of by the
 *     batch's own
 */
public record NormalizedMaps(boolean rectify, double momentum) {

    /** Added to variances. */
    public static final double EPSILON = 1e-5;

    /**
     * One map.
     *
     * @param map [N, C, H, W]; if it was computed at a cut, its memory becomes its gradient's
     * @param scale [C]
     * @param shift [C]
     * @param mean [C] that is kept, or null
     * @param variance [C] that is kept, or null; unbiased
     */
    public record Term(Tensor map, Tensor scale, Tensor shift, Tensor mean, Tensor variance) {}

    /**
     * The sum; differentiable to all maps, scales, shifts and the residual.
     *
     * @param terms one at least, of one shape
     * @param residual of that shape, or null
     * @param cuts where the graph is cut if it is for these maps; they and the residual must be cut from other branches
     *     then, and scales and shifts be leaves
     */
    public Tensor apply(List<Term> terms, Tensor residual, GraphCuts cuts) {
        boolean byKernel = terms.stream().allMatch(term -> cuts.isFor(term.map()));
        return byKernel ? byKernel(terms, residual, cuts) : byLibtorch(terms, residual);
    }

    private boolean given() {
        return momentum < 0;
    }

    private Tensor byKernel(List<Term> terms, Tensor residual, GraphCuts cuts) {
        NormalizedSum kernel = new NormalizedSum(rectify, given(), EPSILON);
        List<NormalizedSum.Term> described = terms.stream().map(this::describe).toList();
        Tensor added = residual == null ? null : channelsLast(Precision.FLOAT32.of(residual));
        Tensor output;
        try (NoGradient off = NoGradient.open()) {
            output = torch.empty_like(described.get(0).map());
            kernel.forward(described, added, output);
            for (int k = 0; k < terms.size() && !given(); k++) {
                keep(terms.get(k), described.get(k));
            }
        }
        boolean learns = GradMode.is_enabled()
                && terms.stream().anyMatch(t -> t.map().requires_grad() || t.scale().requires_grad());
        return learns
                ? cuts.computed(output, gradient -> backward(kernel, terms, described, added, output, gradient))
                : output;
    }

    private NormalizedSum.Term describe(Term term) {
        Tensor map = channelsLast(term.map());
        Tensor mean = given() ? term.mean() : torch.empty(term.scale().numel());
        Tensor variance = given() ? term.variance() : torch.empty(term.scale().numel());
        return new NormalizedSum.Term(map, term.scale(), term.shift(), mean, variance);
    }

    /** Moves the statistics that are kept, if any, towards the batch's. */
    private void keep(Term term, NormalizedSum.Term measured) {
        if (term.mean() != null) {
            double positions = (double) term.map().numel() / term.map().size(1);
            Tensor unbiased = measured.variance().mul(new Scalar(positions / Math.max(1, positions - 1)));
            term.mean().lerp_(measured.mean(), new Scalar(momentum));
            term.variance().lerp_(unbiased, new Scalar(momentum));
        }
    }

    private static void backward(
            NormalizedSum kernel,
            List<Term> terms,
            List<NormalizedSum.Term> described,
            Tensor residual,
            Tensor output,
            Tensor gradient) {
        Tensor own = channelsLast(gradient);
        List<NormalizedSum.Gradients> gradients = new ArrayList<>();
        for (int k = 0; k < terms.size(); k++) {
            Tensor map = described.get(k).map();
            Tensor scale = terms.get(k).scale();
            gradients.add(new NormalizedSum.Gradients(
                    // Nothing else needs the values of a map that was computed for this sum.
                    !map.requires_grad() ? null : map.is_leaf() ? map.detach() : torch.empty_like(map),
                    scale.requires_grad() ? torch.empty_like(scale) : null,
                    scale.requires_grad() ? torch.empty_like(scale) : null));
        }
        boolean toResidual = residual != null && residual.requires_grad();
        kernel.backward(described, output, own, gradients, toResidual ? own : null);
        for (int k = 0; k < terms.size(); k++) {
            if (gradients.get(k).scale() != null) {
                GraphCuts.continueFrom(terms.get(k).scale(), gradients.get(k).scale());
                GraphCuts.continueFrom(terms.get(k).shift(), gradients.get(k).shift());
            }
        }
        if (toResidual) {
            GraphCuts.continueFrom(residual, own);
        }
        for (int k = 0; k < terms.size(); k++) {
            if (gradients.get(k).map() != null) {
                GraphCuts.continueFrom(described.get(k).map(), gradients.get(k).map());
            }
        }
    }

    private static Tensor channelsLast(Tensor map) {
        return map.contiguous(torch.MemoryFormat.ChannelsLast);
    }

    private Tensor byLibtorch(List<Term> terms, Tensor residual) {
        Tensor sum = residual;
        for (Term term : terms) {
            Tensor normalized = torch.batch_norm(
                    term.map(), new TensorOptional(term.scale()), new TensorOptional(term.shift()), kept(term.mean()),
                    kept(term.variance()), !given(), Math.max(momentum, 0), EPSILON, true);
            sum = sum == null ? normalized : sum.add(normalized);
        }
        return rectify ? torch.relu_(sum) : sum;
    }

    private static TensorOptional kept(Tensor statistic) {
        return statistic == null ? new TensorOptional() : new TensorOptional(statistic);
    }
}
