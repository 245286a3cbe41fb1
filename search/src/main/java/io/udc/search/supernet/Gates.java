package io.udc.search.supernet;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SpaceGraph;
import io.udc.search.train.GraphCuts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns probabilities into what multiplies activations: a share per channel for each width decision, a scalar for
 * each operator and each block. The shares are applied to batch norm's scale and shift, so they cost no pass over
 * the activations; behind batch norm they cannot be normalised away.
 */
final class Gates implements AutoCloseable {

    private final Map<Integer, Tensor> widthPatterns = new HashMap<>();

    Gates(SpaceGraph graph, Device device) {
        List<Extent> extents = new ArrayList<>();
        graph.layers().forEach(layer -> extents.add(layer.out()));
        try (StepScope scope = StepScope.open()) {
            for (Extent extent : extents) {
                if (!extent.isFixed()) {
                    widthPatterns.computeIfAbsent(extent.decision(), decision ->
                            scope.keep(Devices.place(patterns(extent.options()), device)));
                }
            }
        }
    }

    /** Row per width option: 1 for the channels that it has. */
    private static Tensor patterns(List<Integer> widths) {
        int widest = widths.get(widths.size() - 1);
        float[] values = new float[widths.size() * widest];
        for (int option = 0; option < widths.size(); option++) {
            java.util.Arrays.fill(values, option * widest, option * widest + widths.get(option), 1f);
        }
        return Tensor.create(values, widths.size(), widest);
    }

    /** The gates of one step, where the graph is cut, so that all of its parts may use them. */
    Open open(Tensor probabilities, GraphCuts cuts) {
        return new Open(probabilities, cuts);
    }

    @Override
    public void close() {
        widthPatterns.values().forEach(Tensor::close);
    }

    /** Gates made from one table of probabilities; lives as long as the step. */
    final class Open {
        private final Tensor probabilities;
        private final GraphCuts cuts;
        private final Map<Integer, Tensor> shares = new HashMap<>();

        private Open(Tensor probabilities, GraphCuts cuts) {
            this.probabilities = probabilities;
            this.cuts = cuts;
        }

        /** Share of each channel, [widest]; null where the width is fixed. */
        Tensor channelShare(Extent extent) {
            return extent.isFixed() ? null : shares.computeIfAbsent(extent.decision(), this::share);
        }

        private Tensor share(int decision) {
            Tensor patterns = widthPatterns.get(decision);
            return cuts.at(row(decision, patterns.size(0)).matmul(patterns));
        }

        /** The probabilities of a decision's options, [options]. */
        Tensor row(int decision, long options) {
            return probabilities.select(0, decision).narrow(0, 0, options);
        }

        /** Probability that a block is kept and computed by this operator; null where both are fixed. */
        Tensor use(SearchBlock block, int operatorOption) {
            Tensor use = null;
            if (block.depth() != Extent.FIXED) {
                use = probabilities.select(0, block.depth()).select(0, Decision.KEEP);
            }
            if (block.operator() != Extent.FIXED) {
                Tensor chosen = probabilities.select(0, block.operator()).select(0, operatorOption);
                use = use == null ? chosen : use.mul(chosen);
            }
            return use;
        }
    }
}
