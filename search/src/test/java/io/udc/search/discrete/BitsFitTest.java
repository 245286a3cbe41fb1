package io.udc.search.discrete;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.StepSizes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class BitsFitTest {

    private static final List<Integer> WIDTHS = List.of(2, 4, 8);

    private final SpaceGraph graph = TinySpaces.countable();
    private final Architecture network = withBits(graph.architecture(graph.widest()), 2);
    private final NetworkParameters parameters = NetworkParameters.random(network, 1);

    private static Architecture withBits(Architecture architecture, int bits) {
        return architecture.mapWeighted(node -> node.withCompression(new Compression(bits, 0)));
    }

    /** Bits of all weights, as a share of a limit. */
    private static ToDoubleFunction<Architecture> bitsOf(double limit) {
        return architecture -> architecture.weightedNodes().stream()
                .mapToDouble(node -> (double) node.compression().bits() * architecture.weightShape(node).count())
                .sum() / limit;
    }

    private BitsFit.Fitted fill(double limit) {
        return BitsFit.fill(network, parameters, WIDTHS, bitsOf(limit), 1);
    }

    @Test
    void noLayersNextBitsFitIntoWhatIsLeft() {
        double weights = network.weightCount();
        for (double limit : new double[] {2 * weights, 2.5 * weights, 5.1 * weights, 7.9 * weights}) {
            Architecture filled = fill(limit).architecture();
            double used = bitsOf(limit).applyAsDouble(filled);
            assertTrue(used <= 1, () -> used + " of " + limit);
            for (WeightedNode node : filled.weightedNodes()) {
                int bits = node.compression().bits();
                double more = bits == 8 ? Double.MAX_VALUE : bits * filled.weightShape(node).count() / limit;
                assertTrue(used + more > 1, () -> node.name() + " of " + limit);
            }
        }
    }

    @Test
    void whereAllFitsAllLayersHaveTheMostBits() {
        assertEquals(withBits(network, 8), fill(1e9).architecture());
    }

    @Test
    void theFirstByteGoesWhereItTakesMostErrorAway() {
        // Weights that are -1, 0 or 1 lose nothing to 2 bits; those of all other layers do.
        WeightedNode exact = network.weightedNodes().get(0);
        Map<String, float[]> values = new HashMap<>(parameters.values());
        float[] weights = values.get(exact.name() + ".weight").clone();
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.round(Math.max(-1, Math.min(1, weights[i])));
        }
        values.put(exact.name() + ".weight", weights);
        double room = network.weightCount() - network.weightShape(exact).count();
        Architecture filled = BitsFit.fill(network, NetworkParameters.of(network, values), List.of(2, 4),
                        bitsOf(2 * network.weightCount() + 2 * room), 1)
                .architecture();
        for (WeightedNode node : filled.weightedNodes()) {
            assertEquals(node.name().equals(exact.name()) ? 2 : 4, node.compression().bits(), node.name());
        }
    }

    @Test
    void layersWithMoreBitsGetStepsForThem() {
        Map<String, float[]> values = new HashMap<>(parameters.values());
        for (WeightedNode node : network.weightedNodes()) {
            values.put(node.name() + ".step", new float[network.weightShape(node).outChannels()]);
        }
        BitsFit.Fitted fitted = BitsFit.fill(network, NetworkParameters.of(network, values), WIDTHS,
                bitsOf(3.0 * network.weightCount()), 1);
        boolean raised = false;
        for (WeightedNode node : fitted.architecture().weightedNodes()) {
            float[] steps = fitted.parameters().get(node.name() + ".step");
            if (node.compression().bits() == 2) {
                assertArrayEquals(new float[steps.length], steps, node.name());
            } else {
                raised = true;
                int perChannel = network.weightShape(node).perChannel();
                float[] expected = StepSizes.leastSquares(parameters.get(node.name() + ".weight"), perChannel,
                        node.compression().maxLevel());
                assertArrayEquals(expected, steps, node.name());
            }
        }
        assertTrue(raised);
        assertFalse(fitted.architecture().equals(network));
    }
}
