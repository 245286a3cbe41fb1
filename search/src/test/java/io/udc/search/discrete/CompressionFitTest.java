package io.udc.search.discrete;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompressionFitTest {

    private static final List<Compression> OPTIONS =
            CompressionFit.options(List.of(2, 4, 8), List.of(0.0, 0.5, 0.75));
    private static final double LIMIT = 1000;

    private final SpaceGraph graph = TinySpaces.countable();
    private final Architecture network = graph.architecture(graph.widest());
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final Map<String, Map<Compression, Double>> losses = new HashMap<>();
    private final Map<String, Map<Compression, Long>> bytes = new HashMap<>();
    private final CompressionFit fit = fit();

    private CompressionFit fit() {
        for (WeightedNode node : network.weightedNodes()) {
            losses.put(node.name(), new HashMap<>());
            bytes.put(node.name(), new HashMap<>());
            for (Compression option : OPTIONS) {
                losses.get(node.name()).put(option, random.nextDouble());
                bytes.get(node.name()).put(option, 16L + random.nextInt(500));
            }
        }
        return new CompressionFit(network, OPTIONS, this::bytes,
                (node, option) -> losses.get(node.name()).get(option),
                (candidate, layers) -> layers.values().stream().mapToLong(Long::longValue).sum() / LIMIT);
    }

    private Map<String, Long> bytes(Architecture candidate) {
        Map<String, Long> layers = new HashMap<>();
        candidate.weightedNodes()
                .forEach(node -> layers.put(node.name(), bytes.get(node.name()).get(node.compression())));
        return layers;
    }

    private double load(Architecture candidate) {
        return bytes(candidate).values().stream().mapToLong(Long::longValue).sum() / LIMIT;
    }

    private double loss(Architecture candidate) {
        return candidate.weightedNodes().stream()
                .mapToDouble(node -> losses.get(node.name()).get(node.compression()))
                .sum();
    }

    @Test
    void noNetworkOfAsFewBytesAsThatOfAPriceHasLessLoss() {
        for (int trial = 0; trial < 20; trial++) {
            Architecture chosen = fit.atLeastPrice(0.2 + 2 * random.nextDouble());
            for (int other = 0; other < 2000; other++) {
                Architecture rival = network.mapWeighted(
                        node -> node.withCompression(OPTIONS.get(random.nextInt(OPTIONS.size()))));
                assertTrue(load(rival) > load(chosen) || loss(rival) >= loss(chosen),
                        () -> "seed " + seed + ": " + chosen + " and " + rival);
            }
        }
    }

    @Test
    void noOtherOptionOfOneLayerFitsAndAddsLess() {
        for (int trial = 0; trial < 20; trial++) {
            double wanted = 0.2 + 2 * random.nextDouble();
            Architecture chosen = fit.within(wanted);
            for (WeightedNode changed : chosen.weightedNodes()) {
                for (Compression option : OPTIONS) {
                    Architecture rival = chosen.withCompression(changed.name(), option);
                    assertTrue(load(rival) > Math.max(wanted, load(fit.within(0))) || loss(rival) >= loss(chosen),
                            () -> "seed " + seed + ": " + changed + ", " + option);
                }
            }
        }
    }

    @Test
    void theLoadIsAtMostWhatIsWanted() {
        double least = load(fit.within(0));
        for (double wanted = least; wanted < 3; wanted += 0.05) {
            double load = load(fit.within(wanted));
            double limit = wanted;
            assertTrue(load <= limit, () -> "seed " + seed + ": " + load + " of " + limit);
        }
    }

    @Test
    void whereAllFitsEveryLayerHasTheLeastLoss() {
        Architecture chosen = fit.within(1e9);
        for (WeightedNode node : chosen.weightedNodes()) {
            Map<Compression, Double> options = losses.get(node.name());
            double least = options.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
            assertEquals(least, options.get(node.compression()), "seed " + seed);
        }
    }

    @Test
    void whereNothingFitsEveryLayerIsSmallest() {
        for (WeightedNode node : fit.within(0).weightedNodes()) {
            Map<Compression, Long> options = bytes.get(node.name());
            long least = options.values().stream().mapToLong(Long::longValue).min().orElseThrow();
            assertEquals(least, options.get(node.compression()), "seed " + seed);
        }
    }

    @Test
    void sparsitiesAreTwiceAsFineAsASpaces() {
        assertEquals(
                List.of(new Compression(3, 0), new Compression(3, 0.25), new Compression(3, 0.5),
                        new Compression(4, 0), new Compression(4, 0.25), new Compression(4, 0.5)),
                CompressionFit.options(List.of(3, 4), List.of(0.0, 0.5)));
    }
}
