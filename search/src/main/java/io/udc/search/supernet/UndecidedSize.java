package io.udc.search.supernet;

import io.udc.search.cost.RateTable;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchBlock.SearchOperator;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SearchSpace;
import io.udc.search.space.SpaceGraph;
import java.util.List;

/** How many bytes structure alone can fill: what networks take while all their compressions are as likely. */
final class UndecidedSize {

    private UndecidedSize() {}

    /** Bytes of the weights of the largest network of a space, by the closed form min(b, H(s) + (1-s)b). */
    static double ofLargest(SpaceGraph graph) {
        long weights = count(List.of(graph.stem(), graph.last()));
        for (SearchBlock block : graph.blocks()) {
            weights += block.operators().stream()
                    .map(SearchOperator::layers)
                    .mapToLong(UndecidedSize::count)
                    .max()
                    .orElseThrow();
        }
        return weights * bitsPerWeight(graph.space()) / 8;
    }

    private static long count(List<SearchLayer> layers) {
        return layers.stream().mapToLong(layer -> layer.widest().count()).sum();
    }

    private static double bitsPerWeight(SearchSpace space) {
        return space.weightBits().stream()
                .flatMap(bits -> space.sparsities().stream().map(sparsity -> RateTable.closedForm(bits, sparsity)))
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }
}
