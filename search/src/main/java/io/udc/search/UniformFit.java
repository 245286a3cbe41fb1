package io.udc.search;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.npu.LayerCodec;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.WidthFamily;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.UniformNetwork;

/**
 * The uniform competitors of a space: its largest network with the first operator of every block, the same bits and
 * sparsity in every layer, scaled in width to a number of encoded bytes. Immutable.
 */
public final class UniformFit {

    private static final double NARROWEST = 0.1;
    private static final double WIDEST = 4;

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

    /**
     * The widest network within a budget.
     *
     * @throws io.udc.InputException if even the narrowest one is larger
     */
    public Architecture fit(Compression compression, long budgetBytes) {
        Architecture widest = graph.architecture(graph.widest());
        return UniformNetwork.fit(
                        WidthFamily.of(widest), NARROWEST, WIDEST, compression, EncodedSize.of(codec, seed),
                        budgetBytes)
                .architecture();
    }
}
