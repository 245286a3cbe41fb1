package io.udc.search;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.npu.LayerCodec;
import io.udc.search.discrete.BitsFit;
import io.udc.search.discrete.CompressionFit;
import io.udc.search.discrete.Limits;
import io.udc.search.discrete.SparsityFit;
import io.udc.search.space.SearchSpace;
import io.udc.search.train.AddedLoss;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.NetworkParameters;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Has networks use their limits up: sets their zeros, and where these cannot, their bits. Immutable. */
final class NetworkFit {

    /** A network that takes less of its limits leaves them unused. */
    static final double LEAST_USE = 0.975;

    private final Limits limits;
    private final LayerCodec codec;
    private final List<Integer> bitWidths;
    private final List<Compression> options;

    /** @param space tells the bits that layers may have, and which zeros are tried first */
    NetworkFit(Limits limits, LayerCodec codec, SearchSpace space) {
        this.limits = limits;
        this.codec = codec;
        this.bitWidths = space.weightBits();
        this.options = CompressionFit.options(bitWidths, space.sparsities());
    }

    /** How much of the limits a network would take if its weights were pruned and quantized as they are. */
    double load(Architecture architecture, NetworkParameters parameters) {
        return limits.load(architecture, EncodedSize.layers(architecture, parameters, codec));
    }

    /** The same weights, with zeros for as much of the limits as wanted. */
    Architecture withSparsity(Architecture architecture, NetworkParameters parameters, double wanted) {
        return SparsityFit.fit(architecture, candidate -> load(candidate, parameters), wanted);
    }

    /** The same weights, with more bits if they leave limits unused. */
    BitsFit.Fitted withBits(Architecture architecture, NetworkParameters parameters, double wanted) {
        return withBits(architecture, parameters, candidate -> load(candidate, parameters), wanted);
    }

    /**
     * Sets zeros and bits of trained float weights by the loss that these add layer by layer. Where options of few layers
     * leave too much of the limits unused, those that the network has are fitted instead.
     */
    BitsFit.Fitted byLoss(Architecture architecture, NetworkParameters parameters, AddedLoss added, double wanted) {
        CompressionFit fit = new CompressionFit(
                architecture,
                options,
                candidate -> EncodedSize.layers(candidate, parameters, codec),
                added::of,
                limits::load);
        Architecture chosen = fit.within(wanted);
        BitsFit.Fitted fitted = refit(chosen, parameters, wanted);
        return load(fitted.architecture(), parameters) >= wanted - (1 - LEAST_USE)
                ? fitted
                : refit(architecture, parameters, wanted);
    }

    private BitsFit.Fitted refit(Architecture architecture, NetworkParameters parameters, double wanted) {
        return refit(architecture, parameters, load(architecture, parameters), wanted);
    }

    /**
     * Sets zeros and bits of weights that were trained.
     *
     * @param measured what the network takes of its limits as it was trained, which may differ from {@link #load}
     */
    BitsFit.Fitted refit(Architecture architecture, NetworkParameters parameters, double measured, double wanted) {
        double factor = measured / load(architecture, parameters);
        ToDoubleFunction<Architecture> load = candidate -> factor * load(candidate, parameters);
        return withBits(SparsityFit.fit(architecture, load, wanted), parameters, load, wanted);
    }

    private BitsFit.Fitted withBits(
            Architecture architecture,
            NetworkParameters parameters,
            ToDoubleFunction<Architecture> load,
            double wanted) {
        return load.applyAsDouble(architecture) < LEAST_USE
                ? BitsFit.fill(architecture, parameters, bitWidths, load, wanted)
                : new BitsFit.Fitted(architecture, NetworkParameters.of(architecture, parameters.values()));
    }
}
