package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.device.Device;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import io.udc.search.space.Decision;
import io.udc.search.space.DecisionKind;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class DecisionTableTest {

    private final SpaceGraph graph = TinySpaces.everyKind();

    @Test
    @SuppressWarnings("try")
    void theEntropyOfAKindIsTheMeanOverItsDecisions() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        try (DecisionTable table = new DecisionTable(graph, Device.CPU);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            float[] logits = new float[graph.decisions().size() * table.options()];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = (float) random.nextGaussian();
            }
            table.logits().copy_(Tensor.create(logits, table.logits().shape()));
            Tensor entropies = table.entropies(table.probabilities());
            double[][] p = table.toArray();
            for (int kind = 0; kind < table.openKinds().size(); kind++) {
                assertEquals(meanEntropy(table.openKinds().get(kind), p), entropies.select(0, kind).item_double(),
                        1e-5, table.openKinds().get(kind) + ", seed " + seed);
            }
        }
    }

    @Test
    void nothingIsDecidedAtTheStart() {
        try (DecisionTable table = new DecisionTable(graph, Device.CPU);
                StepScope scope = StepScope.open()) {
            Tensor entropies = table.entropies(table.probabilities());
            for (int kind = 0; kind < table.openKinds().size(); kind++) {
                assertEquals(1, entropies.select(0, kind).item_double(), 1e-6);
            }
        }
    }

    @Test
    @SuppressWarnings("try")
    void forgettingCompressionLeavesTheStructureAlone() {
        try (DecisionTable table = new DecisionTable(graph, Device.CPU);
                StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            table.logits().select(1, 0).fill_(new Scalar(2f)); // all first options
            double[][] before = table.toArray();
            table.forgetCompression();
            double[][] after = table.toArray();
            for (Decision decision : graph.decisions()) {
                double[] expected = before[decision.index()].clone();
                if (decision.kind().compresses()) {
                    Arrays.fill(expected, 0, decision.options(), 1.0 / decision.options());
                }
                assertArrayEquals(expected, after[decision.index()], 1e-6, decision.toString());
            }
        }
    }

    private double meanEntropy(DecisionKind kind, double[][] p) {
        return graph.decisions().stream()
                .filter(decision -> decision.kind() == kind && decision.options() > 1)
                .mapToDouble(decision -> normalizedEntropy(decision, p[decision.index()]))
                .average()
                .orElseThrow();
    }

    private static double normalizedEntropy(Decision decision, double[] p) {
        double sum = 0;
        for (int option = 0; option < decision.options(); option++) {
            sum -= p[option] * Math.log(p[option]);
        }
        return sum / Math.log(decision.options());
    }
}
