package io.udc.search.discrete;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/**
 * Chooses bits and zeros of all layers of a trained network by what they cost and what they do: each layer takes the
 * option of least (added loss + price * encoded bytes), at the least price at which the network is within its limits
 * (Shoham and Gersho, IEEE Trans. ASSP 36(9), 1988), so that a byte buys about as much loss in every layer. What that
 * leaves goes to the layers that gain most. Losses of layers are taken to add up.
 */
public final class CompressionFit {

    private static final int HALVINGS = 40;

    /** Encoded bytes of each layer by the name of its node. */
    private final Map<Compression, Map<String, Long>> bytes = new LinkedHashMap<>();

    private final Map<Compression, Map<String, Double>> losses = new LinkedHashMap<>();
    private final Architecture architecture;
    private final ToDoubleBiFunction<Architecture, Map<String, Long>> load;

    /**
     * Measures every layer at every option.
     *
     * @param bytes encoded bytes of each layer of a network by the name of its node
     * @param addedLoss of one layer's compression alone
     * @param load the share of the limits that a network takes, from its layers' bytes
     */
    public CompressionFit(
            Architecture architecture,
            List<Compression> options,
            Function<Architecture, Map<String, Long>> bytes,
            ToDoubleBiFunction<WeightedNode, Compression> addedLoss,
            ToDoubleBiFunction<Architecture, Map<String, Long>> load) {
        this.architecture = architecture;
        this.load = load;
        for (Compression option : options) {
            this.bytes.put(option, bytes.apply(architecture.mapWeighted(node -> node.withCompression(option))));
            Map<String, Double> added = new LinkedHashMap<>();
            for (WeightedNode node : architecture.weightedNodes()) {
                added.put(node.name(), addedLoss.applyAsDouble(node, option));
            }
            losses.put(option, added);
        }
    }

    /**
     * Every number of bits with sparsities that are twice as fine as those of a space.
     *
     * @param sparsities ascending
     */
    public static List<Compression> options(List<Integer> bitWidths, List<Double> sparsities) {
        List<Double> finer = new ArrayList<>();
        for (int i = 0; i < sparsities.size(); i++) {
            if (i > 0) {
                finer.add((sparsities.get(i - 1) + sparsities.get(i)) / 2);
            }
            finer.add(sparsities.get(i));
        }
        return bitWidths.stream()
                .flatMap(bits -> finer.stream().map(sparsity -> new Compression(bits, sparsity)))
                .toList();
    }

    /**
     * A network of little loss whose load is not greater than wanted, so that no other option of one layer would fit and
     * add less; the smallest network if none fits.
     */
    public Architecture within(double wanted) {
        Architecture best = at(0);
        return loadOf(best) <= wanted ? best : filled(atLeastPrice(wanted), wanted);
    }

    /** The network of least loss among those of as few bytes; the smallest one if none is within what is wanted. */
    Architecture atLeastPrice(double wanted) {
        double greatest = greatestPrice();
        double tooCheap = greatest * Math.pow(2, -HALVINGS);
        double fits = greatest;
        for (int i = 0; i < HALVINGS; i++) {
            double price = Math.sqrt(tooCheap * fits);
            if (loadOf(at(price)) <= wanted) {
                fits = price;
            } else {
                tooCheap = price;
            }
        }
        return at(fits);
    }

    /** So much loss for a byte that no layer takes more bytes than it must. */
    private double greatestPrice() {
        double range = 0;
        for (WeightedNode node : architecture.weightedNodes()) {
            DoubleSummaryStatistics added =
                    losses.keySet().stream().mapToDouble(option -> loss(node, option)).summaryStatistics();
            range = Math.max(range, added.getMax() - added.getMin());
        }
        return 2 * range + Double.MIN_NORMAL;
    }

    private Architecture at(double price) {
        return architecture.mapWeighted(node -> node.withCompression(bytes.keySet().stream()
                .min(Comparator.comparingDouble(
                        option -> loss(node, option) + price * bytes.get(option).get(node.name())))
                .orElseThrow()));
    }

    /** Uses what no price leads to: changes the layer that gains most, as long as one gains. */
    private Architecture filled(Architecture start, double wanted) {
        Architecture filled = start;
        Optional<Architecture> better = better(filled, wanted);
        while (better.isPresent()) {
            filled = better.get();
            better = better(filled, wanted);
        }
        return filled;
    }

    private Optional<Architecture> better(Architecture given, double wanted) {
        Architecture best = null;
        double most = 0;
        for (WeightedNode node : given.weightedNodes()) {
            for (Compression option : bytes.keySet()) {
                double gain = loss(node, node.compression()) - loss(node, option);
                Architecture changed = gain > most ? given.withCompression(node.name(), option) : null;
                if (changed != null && loadOf(changed) <= wanted) {
                    best = changed;
                    most = gain;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    private double loss(WeightedNode node, Compression option) {
        return losses.get(option).get(node.name());
    }

    private double loadOf(Architecture candidate) {
        Map<String, Long> layers = new LinkedHashMap<>();
        for (WeightedNode node : candidate.weightedNodes()) {
            layers.put(node.name(), bytes.get(node.compression()).get(node.name()));
        }
        return load.applyAsDouble(candidate, layers);
    }
}
