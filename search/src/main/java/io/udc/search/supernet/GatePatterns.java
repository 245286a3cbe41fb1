package io.udc.search.supernet;

import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchBlock;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the gates of a space follow from its probabilities, as matrices. Rows of {@link #shares}, {@link #users} and
 * {@link #learned} stand for the scales and then the shifts of each layer's channels, in the layers' order; columns for
 * the probabilities that gates depend on.
 */
final class GatePatterns {

    /** Rows of a product and what is added to it. */
    record Rows(float[][] matrix, float[] constant) {
        private Rows(int rows, int columns) {
            this(new float[rows][columns], new float[rows]);
        }
    }

    private record Entry(int decision, int option) {}

    private final Map<Entry, Integer> columns = new LinkedHashMap<>();
    private final int tableWidth;

    /** Sum of the probabilities of the widths that a channel is part of. */
    final Rows shares;

    /** Probability that the block of each use is kept; the last use is that of all layers which are always used. */
    final Rows kept;

    /** Probability that the operator of each use is chosen. */
    final Rows chosen;

    /** 1 at the use that a scale or shift belongs to. */
    final float[][] users;

    /** 0 where a scale is not learned, because it would undo its gate; else 1. */
    final float[] learned;

    GatePatterns(SpaceGraph graph) {
        tableWidth = graph.decisions().stream().mapToInt(Decision::options).max().orElse(1);
        List<SearchBlock> gated = graph.blocks().stream()
                .filter(block -> block.depth() != Extent.FIXED || block.operator() != Extent.FIXED)
                .toList();
        graph.layers().forEach(layer -> addColumns(layer.out()));
        gated.forEach(this::addColumns);
        int uses = gated.stream().mapToInt(block -> block.operators().size()).sum() + 1;
        int rows = 2 * graph.layers().stream().mapToInt(layer -> layer.out().largest()).sum();
        shares = new Rows(rows, columns.size());
        kept = new Rows(uses, columns.size());
        chosen = new Rows(uses, columns.size());
        users = new float[rows][uses];
        learned = new float[rows];
        Map<Integer, Integer> useOfLayer = uses(gated);
        int row = 0;
        for (SearchLayer layer : graph.layers()) {
            Integer use = useOfLayer.get(layer.index());
            int channels = layer.out().largest();
            for (int i = 0; i < 2 * channels; i++, row++) {
                share(layer.out(), i % channels, row);
                users[row][use == null ? uses - 1 : use] = 1;
                learned[row] = use != null && i < channels ? 0 : 1;
            }
        }
    }

    /** Where the columns' probabilities stand in the table of all, row by row. */
    long[] entries() {
        return columns.keySet().stream()
                .mapToLong(entry -> (long) entry.decision() * tableWidth + entry.option())
                .toArray();
    }

    private void addColumns(Extent extent) {
        for (int option = 0; !extent.isFixed() && option < extent.options().size(); option++) {
            addColumn(extent.decision(), option);
        }
    }

    private void addColumns(SearchBlock block) {
        if (block.depth() != Extent.FIXED) {
            addColumn(block.depth(), Decision.KEEP);
        }
        for (int option = 0; block.operator() != Extent.FIXED && option < block.operators().size(); option++) {
            addColumn(block.operator(), option);
        }
    }

    private void addColumn(int decision, int option) {
        columns.putIfAbsent(new Entry(decision, option), columns.size());
    }

    private void share(Extent width, int channel, int row) {
        if (width.isFixed()) {
            shares.constant()[row] = 1;
            return;
        }
        for (int option = 0; option < width.options().size(); option++) {
            if (channel < width.options().get(option)) {
                shares.matrix()[row][columns.get(new Entry(width.decision(), option))] = 1;
            }
        }
    }

    /** Fills the rows of all uses, and tells whose use a gated layer has. */
    private Map<Integer, Integer> uses(List<SearchBlock> gated) {
        Map<Integer, Integer> useOfLayer = new LinkedHashMap<>();
        for (SearchBlock block : gated) {
            for (int option = 0; option < block.operators().size(); option++) {
                int use = useOfLayer.size();
                useOfLayer.put(block.operators().get(option).last().index(), use);
                use(kept, use, block.depth(), Decision.KEEP);
                use(chosen, use, block.operator(), option);
            }
        }
        use(kept, useOfLayer.size(), Extent.FIXED, 0);
        use(chosen, useOfLayer.size(), Extent.FIXED, 0);
        return useOfLayer;
    }

    private void use(Rows rows, int use, int decision, int option) {
        if (decision == Extent.FIXED) {
            rows.constant()[use] = 1;
        } else {
            rows.matrix()[use][columns.get(new Entry(decision, option))] = 1;
        }
    }
}
