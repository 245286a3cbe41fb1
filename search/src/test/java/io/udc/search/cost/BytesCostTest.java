package io.udc.search.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import io.udc.npu.Accelerator;
import io.udc.npu.LayerStreams;
import io.udc.search.space.Choices;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BytesCostTest {

    private final SpaceGraph graph = TinySpaces.countable();
    private final EveryNetwork networks = new EveryNetwork(graph);

    @Test
    void expectedBytesEqualTheMeanOverAllNetworks() {
        double[][] p = networks.randomProbabilities(7);
        try (StepScope scope = StepScope.open();
                BytesCost cost = cost()) {
            double mean = networks.mean(p, choices -> cost.of(graph, choices));
            assertEquals(mean, cost.expected(EveryNetwork.tensor(p)).item_double(), 1e-5 * mean);
        }
    }

    @Test
    void expectedBytesOfCertainDecisionsAreThoseOfTheNetwork() {
        Choices choices = graph.widest();
        try (StepScope scope = StepScope.open();
                BytesCost cost = cost()) {
            double expected = cost.expected(EveryNetwork.tensor(networks.certain(choices))).item_double();
            assertEquals(cost.of(graph, choices), expected, 1e-2);
        }
    }

    @Test
    void anEncodedNetworkHasItsOwnBytesAndTheMeanFollows() {
        Choices encoded = graph.widest();
        Map<String, Long> layerBytes = new HashMap<>();
        graph.usedLayers(encoded).forEach(layer -> layerBytes.put(layer.name(), 1000L + layer.index()));
        double[][] p = networks.randomProbabilities(8);
        try (StepScope scope = StepScope.open();
                BytesCost cost = cost()) {
            double before = cost.of(graph, encoded);
            cost.fitTo(encoded, layerBytes);
            long sum = layerBytes.values().stream().mapToLong(Long::longValue).sum();
            assertNotEquals(sum, before, 1);
            assertEquals(sum, cost.of(graph, encoded), 1e-6 * sum);
            double mean = networks.mean(p, choices -> cost.of(graph, choices));
            assertEquals(mean, cost.expected(EveryNetwork.tensor(p)).item_double(), 1e-5 * mean);
        }
    }

    private BytesCost cost() {
        StreamLayout layout = StreamLayout.of(new LayerStreams(Accelerator.ETHOS_U55_128));
        return new BytesCost(graph, EveryNetwork.OPTIONS, layout, new RateTable(graph), Device.CPU);
    }
}
