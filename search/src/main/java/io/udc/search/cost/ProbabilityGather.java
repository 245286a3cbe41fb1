package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.Extent;
import io.udc.search.space.SearchLayer;
import java.util.List;
import java.util.function.ToIntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Picks, for every layer at once, the probability rows of the decisions that it depends on. A row [1, 0, 0, ...]
 * below the table stands for what is fixed.
 */
final class ProbabilityGather implements AutoCloseable {

    /** The probabilities of every layer's options; each [layers, options] but {@code used}, which is [layers]. */
    record Rows(Tensor in, Tensor out, Tensor kernel, Tensor bits, Tensor sparsity, Tensor used) {}

    private final int options;
    private final Device device;
    private final Tensor fixedRow;
    private final Tensor in;
    private final Tensor out;
    private final Tensor kernel;
    private final Tensor bits;
    private final Tensor sparsity;
    private final Tensor depth;
    private final Tensor operator;

    ProbabilityGather(List<SearchLayer> layers, int decisions, int options, Device device) {
        this.options = options;
        this.device = device;
        float[] fixed = new float[options];
        fixed[0] = 1;
        try (StepScope scope = StepScope.open()) {
            fixedRow = scope.keep(Devices.place(Tensor.create(fixed, 1, options), device));
            // An input that is tied to the output is no choice of its own: the tables know both from the output.
            in = scope.keep(rows(layers, decisions, layer -> isTied(layer) ? Extent.FIXED : layer.in().decision()));
            out = scope.keep(rows(layers, decisions, layer -> layer.out().decision()));
            kernel = scope.keep(rows(layers, decisions, layer -> layer.kernel().decision()));
            bits = scope.keep(rows(layers, decisions, SearchLayer::bits));
            sparsity = scope.keep(rows(layers, decisions, SearchLayer::sparsity));
            depth = scope.keep(cells(layers, decisions, SearchLayer::depth, layer -> Decision.KEEP));
            operator = scope.keep(cells(layers, decisions, SearchLayer::operator, SearchLayer::operatorOption));
        }
    }

    /** Whether one decision chooses both the input and the output width. */
    static boolean isTied(SearchLayer layer) {
        return !layer.in().isFixed() && layer.in().decision() == layer.out().decision();
    }

    private Tensor rows(List<SearchLayer> layers, int decisions, ToIntFunction<SearchLayer> decision) {
        long[] rows = layers.stream()
                .mapToInt(decision)
                .mapToLong(row -> row == Extent.FIXED ? decisions : row)
                .toArray();
        return Devices.place(Tensor.create(rows), device);
    }

    /** Addresses of single cells in the flattened table. */
    private Tensor cells(
            List<SearchLayer> layers,
            int decisions,
            ToIntFunction<SearchLayer> decision,
            ToIntFunction<SearchLayer> option) {
        long[] cells = layers.stream()
                .mapToLong(layer -> decision.applyAsInt(layer) == Extent.FIXED
                        ? (long) decisions * options
                        : (long) decision.applyAsInt(layer) * options + option.applyAsInt(layer))
                .toArray();
        return Devices.place(Tensor.create(cells), device);
    }

    Rows gather(Tensor probabilities) {
        Tensor table = torch.cat(new TensorVector(probabilities, fixedRow), 0);
        Tensor flat = table.reshape(-1);
        Tensor used = flat.index_select(0, depth).mul(flat.index_select(0, operator));
        return new Rows(
                table.index_select(0, in),
                table.index_select(0, out),
                table.index_select(0, kernel),
                table.index_select(0, bits),
                table.index_select(0, sparsity),
                used);
    }

    @Override
    public void close() {
        for (Tensor tensor : List.of(fixedRow, in, out, kernel, bits, sparsity, depth, operator)) {
            tensor.close();
        }
    }
}
