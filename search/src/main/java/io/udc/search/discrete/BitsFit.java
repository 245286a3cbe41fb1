package io.udc.search.discrete;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import io.udc.kernels.MagnitudePruner;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.StepSizes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Uses the room that is left when there are no zeros to give up: raises the bits of one layer after the other, first
 * where a byte takes most of the quantizer's error away. Errors are shares of a layer's weights' squares, and those of
 * the layers add up: what a layer sends on is normalized, or scaled by what is learned, so that equal shares of noise do
 * about as much harm anywhere.
 */
public final class BitsFit {

    private final List<Integer> bitWidths;
    private final ToDoubleFunction<Architecture> load;
    private final double wanted;
    private final NetworkParameters parameters;

    /** A layer with its next number of bits. */
    private record Raise(WeightedNode node, int bits, double benefit) {}

    /**
     * A network and its parameters.
     *
     * @param parameters with steps for the bits of the architecture, if they had any
     */
    public record Fitted(Architecture architecture, NetworkParameters parameters) {}

    private BitsFit(
            List<Integer> bitWidths, ToDoubleFunction<Architecture> load, double wanted, NetworkParameters parameters) {
        this.bitWidths = bitWidths;
        this.load = load;
        this.wanted = wanted;
        this.parameters = parameters;
    }

    /**
     * The network whose load is not greater than wanted, and that no single layer's next number of bits fits into.
     *
     * @param bitWidths that layers may have
     * @param load measures a network: the share of the limits that it takes
     */
    public static Fitted fill(
            Architecture architecture,
            NetworkParameters parameters,
            List<Integer> bitWidths,
            ToDoubleFunction<Architecture> load,
            double wanted) {
        BitsFit fit = new BitsFit(bitWidths, load, wanted, parameters);
        Architecture filled = fit.fill(architecture);
        return new Fitted(filled, fit.withSteps(architecture, filled));
    }

    private Architecture fill(Architecture architecture) {
        Architecture filled = architecture;
        double used = load.applyAsDouble(filled);
        Map<String, Raise> raises = new TreeMap<>();
        for (WeightedNode node : filled.weightedNodes()) {
            consider(filled, used, node, raises);
        }
        while (!raises.isEmpty()) {
            Raise best = raises.values().stream()
                    .max((one, other) -> Double.compare(one.benefit(), other.benefit()))
                    .orElseThrow();
            Architecture raised = raised(filled, best);
            double raisedLoad = load.applyAsDouble(raised);
            raises.remove(best.node().name());
            if (raisedLoad <= wanted) {
                filled = raised;
                used = raisedLoad;
                consider(filled, used, node(filled, best.node().name()), raises);
            }
        }
        return filled;
    }

    /** Adds a layer's next number of bits to what may be raised, if there is one that fits. */
    private void consider(Architecture architecture, double used, WeightedNode node, Map<String, Raise> raises) {
        OptionalInt next = bitWidths.stream()
                .mapToInt(Integer::intValue)
                .filter(bits -> bits > node.compression().bits())
                .min();
        if (next.isEmpty()) {
            return;
        }
        double price = load.applyAsDouble(raised(architecture, new Raise(node, next.getAsInt(), 0))) - used;
        if (used + price <= wanted) {
            double benefit = error(architecture, node, node.compression().bits())
                    - error(architecture, node, next.getAsInt());
            // What costs nothing comes first.
            raises.put(node.name(), new Raise(node, next.getAsInt(), benefit / Math.max(price, 1e-9)));
        }
    }

    private double error(Architecture architecture, WeightedNode node, int bits) {
        return StepSizes.relativeError(
                survivors(node),
                architecture.weightShape(node).perChannel(),
                new Compression(bits, 0).maxLevel());
    }

    private float[] survivors(WeightedNode node) {
        return MagnitudePruner.pruned(parameters.get(node.name() + ".weight"), node.compression().sparsity());
    }

    private static WeightedNode node(Architecture architecture, String name) {
        return architecture.weightedNodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Architecture raised(Architecture architecture, Raise raise) {
        WeightedNode node = raise.node();
        return architecture.withCompression(node.name(), new Compression(raise.bits(), node.compression().sparsity()));
    }

    /** Layers with other bits than before get the steps of least squared error. */
    private NetworkParameters withSteps(Architecture before, Architecture filled) {
        Map<String, float[]> values = new HashMap<>(parameters.values());
        for (WeightedNode node : filled.weightedNodes()) {
            boolean changed = node.compression().bits() != node(before, node.name()).compression().bits();
            if (changed && values.containsKey(node.name() + ".step")) {
                values.put(node.name() + ".step", StepSizes.leastSquares(
                        survivors(node), filled.weightShape(node).perChannel(), node.compression().maxLevel()));
            }
        }
        return NetworkParameters.of(filled, values);
    }
}
