package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.WeightedNode;
import io.udc.device.Device;
import io.udc.kernels.MagnitudePruner;
import io.udc.search.CancelledException;
import io.udc.search.Cancellation;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddedLossTest {

    private final TrainingTask task = TinyData.classification(256, 64);
    private final Architecture architecture = TinyData.architecture(new Compression(4, 0.5));
    private final TrainingConfig recipe = TinyData.recipe(4, 0, 0);
    private final NetworkParameters trained = Trainer.builder(task, recipe)
            .optSeed(1)
            .build()
            .trainFloat(architecture, NetworkParameters.random(architecture, 1));

    private AddedLoss measuring(NetworkParameters parameters) {
        return new AddedLoss(task, recipe, architecture, parameters, 1, Device.CPU, new Cancellation());
    }

    private WeightedNode node(String name) {
        return architecture.weightedNodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void harderCompressionAddsMoreAndLeavesTheNetworkAsItWas() {
        try (AddedLoss added = measuring(trained)) {
            double eight = added.of(node("d"), new Compression(8, 0));
            assertEquals(0, eight, 0.01);
            assertTrue(added.of(node("d"), new Compression(2, 0)) > Math.abs(eight));
            assertTrue(added.of(node("d"), new Compression(8, 0.97)) > 0.1);
            assertEquals(eight, added.of(node("d"), new Compression(8, 0)), "the same again");
        }
    }

    @Test
    void weightsThatAreCompressedAlreadyAddNothing() {
        Compression compression = new Compression(3, 0.5);
        WeightedNode node = node("d");
        Map<String, float[]> values = new HashMap<>(trained.values());
        float[] survivors = MagnitudePruner.pruned(values.get("d.weight"), compression.sparsity());
        int perChannel = architecture.weightShape(node).perChannel();
        float[] quantized = StepSizes.quantized(survivors, perChannel, compression.maxLevel());
        values.put("d.weight", quantized);
        double expected;
        try (AddedLoss added = measuring(trained)) {
            expected = added.of(node, compression);
        }
        assertTrue(expected > 0.001, "it does add something to the others: " + expected);
        try (AddedLoss added = measuring(NetworkParameters.of(architecture, values))) {
            assertEquals(0, added.of(node, compression), 0.1 * expected);
        }
    }

    @Test
    void aStopIsHeard() {
        Cancellation cancellation = new Cancellation();
        try (AddedLoss added = new AddedLoss(task, recipe, architecture, trained, 1, Device.CPU, cancellation)) {
            cancellation.request();
            assertThrows(CancelledException.class, () -> added.of(node("d"), new Compression(8, 0)));
        }
    }
}
