package io.udc.search;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.npu.LayerCodec;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.WidthFamily;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.UniformNetwork;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;

/**
 * The uniform competitors of a space: its largest network with the first operator of every block, the same bits and
 * sparsity in every layer, scaled in width to a number of encoded bytes. Immutable.
 */
public final class UniformFit {

    private static final double NARROWEST = 0.1;
    private static final double WIDEST = 4;

    /**
     * A network that uses less of its budget is compared with shallower ones. With 0.9 here, an upscaler of four blocks gave
     * way to one of a single block that was 0.08 dB worse.
     */
    private static final double LEAST_USE = 0.8;

    /** How far a trained network's bytes may be from the budget, as a logarithm of their ratio, to be one of its size. */
    private static final double CLOSE = 0.1;

    /** Trainings of a network at most, until one is of its size. */
    private static final int ROUNDS = 3;

    private final SpaceGraph graph;
    private final LayerCodec codec;
    private final long seed;

    /**
     * @param codec measures networks
     * @param seed of the weights that are measured
     */
    public UniformFit(SpaceGraph graph, LayerCodec codec, long seed) {
        this.graph = graph;
        this.codec = codec;
        this.seed = seed;
    }

    /** What people call a network: {@code uniform 4-bit, 75% sparse}. */
    public static String name(Compression compression) {
        String percent = new DecimalFormat("0.#", DecimalFormatSymbols.getInstance(Locale.ROOT))
                .format(100 * compression.sparsity());
        return "uniform " + compression.bits() + "-bit"
                + (compression.sparsity() > 0 ? ", " + percent + "% sparse" : "");
    }

    /**
     * The widest network within a budget. Where the whole depth would leave much of it unused, because a step in
     * width is a large one, the depth that uses most of it.
     *
     * @throws InputException if even the narrowest and shallowest one is larger
     */
    public Architecture fit(Compression compression, long budgetBytes) {
        UniformNetwork best = null;
        InputException tooLarge = null;
        for (Choices shape : depths()) {
            try {
                UniformNetwork network = UniformNetwork.fit(
                        WidthFamily.of(graph.architecture(shape)), NARROWEST, WIDEST, compression,
                        EncodedSize.of(codec, seed), budgetBytes);
                best = best == null || network.encodedBytes() > best.encodedBytes() ? network : best;
            } catch (InputException e) {
                tooLarge = e;
            }
            if (best != null && best.encodedBytes() >= LEAST_USE * budgetBytes) {
                break;
            }
        }
        if (best == null) {
            throw tooLarge;
        }
        return best.architecture();
    }

    /**
     * Fits and trains, again where it has to be: what is measured before a training are weights of a Gaussian, and those of
     * upscalers compress up to a third better behind it.
     *
     * @param train a network of this architecture, in this round from 0
     * @param bytes what a trained network encodes to
     * @param <T> a trained network
     * @return that one whose bytes are closest to the budget
     * @throws InputException before any training, if even the narrowest and shallowest network is larger
     */
    <T> T trained(
            Compression compression,
            long budgetBytes,
            BiFunction<Architecture, Integer, T> train,
            ToLongFunction<T> bytes) {
        List<Architecture> tried = new ArrayList<>();
        Architecture next = fit(compression, budgetBytes);
        double aim = budgetBytes;
        T best = null;
        double least = Double.POSITIVE_INFINITY;
        while (tried.size() < ROUNDS && least > CLOSE && !tried.contains(next)) {
            T trained = train.apply(next, tried.size());
            tried.add(next);
            double use = (double) bytes.applyAsLong(trained) / budgetBytes;
            if (Math.abs(Math.log(use)) < least) {
                least = Math.abs(Math.log(use));
                best = trained;
            }
            aim /= use;
            next = fitOr(next, compression, Math.round(aim));
        }
        return best;
    }

    private Architecture fitOr(Architecture fallback, Compression compression, long budgetBytes) {
        try {
            return fit(compression, budgetBytes);
        } catch (InputException e) {
            return fallback; // even the smallest is larger
        }
    }

    /** The widest network of every depth, the deepest first: blocks are left out from the last one on. */
    private List<Choices> depths() {
        Choices shape = graph.widest();
        List<Choices> depths = new ArrayList<>(List.of(shape));
        for (int i = graph.blocks().size() - 1; i >= 0; i--) {
            int depth = graph.blocks().get(i).depth();
            if (depth != Extent.FIXED) {
                shape = shape.with(depth, Decision.SKIP);
                depths.add(shape);
            }
        }
        return depths;
    }
}
