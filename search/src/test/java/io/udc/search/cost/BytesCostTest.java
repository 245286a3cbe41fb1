package io.udc.search.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.udc.memory.StepScope;
import io.udc.npu.Accelerator;
import io.udc.npu.LayerStreams;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class BytesCostTest {

    private static final int OPTIONS = 2;

    private final SpaceGraph graph = TinySpaces.countable();

    @Test
    void expectedBytesEqualTheMeanOverAllNetworks() {
        double[][] p = randomProbabilities(7);
        try (StepScope scope = StepScope.open();
                BytesCost cost = cost()) {
            double expected = cost.expected(tensor(p)).item_double();
            double mean = meanOver(p, cost, new int[graph.decisions().size()], 0, 1.0);
            assertEquals(mean, expected, 1e-5 * mean);
        }
    }

    @Test
    void expectedBytesOfCertainDecisionsAreThoseOfTheNetwork() {
        Choices choices = graph.widest();
        double[][] p = new double[graph.decisions().size()][OPTIONS];
        graph.decisions().forEach(decision -> p[decision.index()][choices.option(decision.index())] = 1);
        try (StepScope scope = StepScope.open();
                BytesCost cost = cost()) {
            assertEquals(cost.of(graph, choices), cost.expected(tensor(p)).item_double(), 1e-2);
        }
    }

    private BytesCost cost() {
        StreamLayout layout = StreamLayout.of(new LayerStreams(Accelerator.ETHOS_U55_128));
        return new BytesCost(graph, OPTIONS, layout, new RateTable(graph));
    }

    private double meanOver(double[][] p, BytesCost cost, int[] options, int decision, double probability) {
        if (decision == options.length) {
            return probability * cost.of(graph, new Choices(options));
        }
        double sum = 0;
        for (int option = 0; option < graph.decisions().get(decision).options(); option++) {
            options[decision] = option;
            double next = probability * p[decision][option];
            sum += next == 0 ? 0 : meanOver(p, cost, options, decision + 1, next);
        }
        return sum;
    }

    private double[][] randomProbabilities(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] p = new double[graph.decisions().size()][OPTIONS];
        for (Decision decision : graph.decisions()) {
            double first = decision.options() == 1 ? 1 : random.nextDouble();
            p[decision.index()][0] = first;
            p[decision.index()][1] = 1 - first;
        }
        return p;
    }

    private static Tensor tensor(double[][] p) {
        float[] flat = new float[p.length * OPTIONS];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) p[i / OPTIONS][i % OPTIONS];
        }
        return Tensor.create(flat, p.length, OPTIONS);
    }
}
