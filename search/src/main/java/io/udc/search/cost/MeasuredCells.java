package io.udc.search.cost;

import io.udc.device.Device;
import io.udc.device.Devices;
import io.udc.memory.StepScope;
import io.udc.search.space.SearchLayer;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One cell of each layer's table whose bytes are known from encoding a network: a factor on what the table says there.
 * In the expected bytes it counts as often as the cell is chosen, so that it says nothing while all options are as
 * likely, and everything when the choices are made. Not thread-safe.
 */
final class MeasuredCells implements AutoCloseable {

    private static final int AXES = 5;

    private final LayerOptions[] cells;
    private final double[] factors;
    private final Tensor options;
    private final Tensor excess;

    MeasuredCells(int layers, Device device) {
        cells = new LayerOptions[layers];
        factors = new double[layers];
        Arrays.fill(factors, 1);
        try (StepScope scope = StepScope.open()) {
            options = scope.keep(Devices.place(torch.zeros(AXES, layers, 1).to(torch.ScalarType.Long), device));
            excess = scope.keep(Devices.place(torch.zeros(layers), device));
        }
    }

    /** Forgets all. */
    void clear() {
        Arrays.fill(cells, null);
        Arrays.fill(factors, 1);
    }

    /** A layer has these bytes with these options, and the table says others. */
    void set(SearchLayer layer, LayerOptions measured, double bytes, double tabledBytes) {
        cells[layer.index()] = measured;
        factors[layer.index()] = bytes / tabledBytes;
    }

    /** What to multiply the table's bytes of a layer with. */
    double factor(SearchLayer layer, LayerOptions chosen) {
        return chosen.equals(cells[layer.index()]) ? factors[layer.index()] : 1;
    }

    /** Takes over the cells, and the table where it has changed. */
    void refresh(List<SearchLayer> layers, ToDoubleFunction<SearchLayer> tabledBytes) {
        float[] more = new float[factors.length];
        long[] addresses = new long[AXES * factors.length];
        for (SearchLayer layer : layers) {
            int i = layer.index();
            LayerOptions cell = cells[i];
            if (cell != null) {
                more[i] = (float) ((factors[i] - 1) * tabledBytes.applyAsDouble(layer));
                int tiedIn = ProbabilityGather.isTied(layer) ? 0 : cell.in();
                int[] axes = {tiedIn, cell.out(), cell.kernel(), cell.bits(), cell.sparsity()};
                for (int axis = 0; axis < AXES; axis++) {
                    addresses[axis * factors.length + i] = axes[axis];
                }
            }
        }
        try (StepScope scope = StepScope.open()) {
            excess.copy_(Tensor.create(more));
            options.copy_(Tensor.create(addresses, AXES, factors.length, 1));
        }
    }

    /** The options of a layer's cell; null if none is measured. */
    LayerOptions cell(SearchLayer layer) {
        return cells[layer.index()];
    }

    /** What the cells add to each layer's expected bytes, [layers]. */
    Tensor expectedExcess(ProbabilityGather.Rows p) {
        Tensor chosen = excess;
        Tensor[] rows = {p.in(), p.out(), p.kernel(), p.bits(), p.sparsity()};
        for (int axis = 0; axis < AXES; axis++) {
            chosen = chosen.mul(rows[axis].gather(1, options.select(0, axis)).squeeze(1));
        }
        return chosen;
    }

    @Override
    public void close() {
        options.close();
        excess.close();
    }
}
