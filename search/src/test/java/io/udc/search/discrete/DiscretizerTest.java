package io.udc.search.discrete;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.npu.Accelerator;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.CostModel;
import io.udc.search.cost.LatencyCost;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.SramCost;
import io.udc.search.cost.StreamLayout;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiscretizerTest {

    private static final int TRIALS = 12;

    private final SpaceGraph graph = TinySpaces.countable();
    private final BytesCost bytes = new BytesCost(
            graph, 2, StreamLayout.of(new LayerStreams(Accelerator.ETHOS_U55_128)), new RateTable(graph), Device.CPU);

    @AfterEach
    void closeCost() {
        bytes.close();
    }

    @Test
    void theChoiceIsTheLikeliestOfAllThatUseTheBudget() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        double least = bytes.of(graph, new Discretizer(graph, List.of()).cheapest(bytes).orElseThrow());
        double most = bytes.of(graph, graph.widest());
        for (int trial = 0; trial < 5; trial++) {
            double limit = least + (most - least) * (0.2 + 0.6 * random.nextDouble());
            double[][] p = probabilities(random);
            Optional<Choices> found = new Discretizer(graph, List.of(new Budget(bytes, limit, true))).likeliest(p);
            Best best = new Best(p, limit);
            best.visit(new int[graph.decisions().size()], 0, 0);
            String where = "seed " + seed + ", trial " + trial;
            assertTrue(bytes.of(graph, found.orElseThrow()) <= limit, where);
            assertEquals(best.log(), logOf(p, found.orElseThrow()), 1e-3, where);
        }
    }

    @Test
    void nothingIsFoundBelowTheCheapestNetwork() {
        double least = bytes.of(graph, new Discretizer(graph, List.of()).cheapest(bytes).orElseThrow());
        Discretizer tooTight = new Discretizer(graph, List.of(new Budget(bytes, least * 0.99, true)));
        assertTrue(tooTight.likeliest(probabilities(new SplittableRandom(1))).isEmpty());
    }

    @Test
    void latencyAndSramAreKeptByMeasure() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        PerformanceModel npu = new PerformanceModel(NpuConfig.parse("ethos-u55-128"));
        try (LatencyCost latency = new LatencyCost(graph, 2, npu, bytes, Device.CPU);
                SramCost sram = new SramCost(graph, 2, npu, bytes, Device.CPU)) {
            int networks = 0;
            for (int trial = 0; trial < TRIALS; trial++) {
                List<Budget> budgets = List.of(
                        new Budget(latency, between(latency, random), false),
                        new Budget(sram, between(sram, random), false));
                double[][] p = probabilities(random);
                Optional<Choices> found = new Discretizer(graph, budgets).likeliest(p);
                String where = "seed " + seed + ", trial " + trial;
                for (Choices choices : found.stream().toList()) {
                    networks++;
                    for (Budget budget : budgets) {
                        assertTrue(budget.cost().measured(choices) <= budget.limit(), where);
                    }
                }
            }
            assertTrue(networks >= TRIALS / 3, "seed " + seed + ": " + networks + " networks found");
        }
    }

    private double between(CostModel cost, SplittableRandom random) {
        double least = cost.measured(new Discretizer(graph, List.of()).cheapest(cost).orElseThrow());
        return least + (cost.measured(graph.widest()) - least) * (0.2 + 0.6 * random.nextDouble());
    }

    /** The likeliest network by trying all. */
    private final class Best {
        private final double[][] p;
        private final double limit;
        private final double[] leastUses = {0.99, 0.97, 0};
        private final double[] logs = new double[leastUses.length];

        Best(double[][] p, double limit) {
            this.p = p;
            this.limit = limit;
            Arrays.fill(logs, Double.NEGATIVE_INFINITY);
        }

        /** That of the best network that uses as much of the budget as any can. */
        double log() {
            return Arrays.stream(logs).filter(Double::isFinite).findFirst().orElseThrow();
        }

        void visit(int[] options, int decision, double log) {
            if (decision == options.length) {
                double cost = bytes.of(graph, new Choices(options));
                for (int i = 0; i < logs.length; i++) {
                    if (cost <= limit && cost >= leastUses[i] * limit) {
                        logs[i] = Math.max(logs[i], log);
                    }
                }
                return;
            }
            for (int option = 0; option < graph.decisions().get(decision).options(); option++) {
                options[decision] = option;
                visit(options, decision + 1, log + Math.log(p[decision][option]));
            }
        }
    }

    private static double logOf(double[][] p, Choices choices) {
        double log = 0;
        for (int decision = 0; decision < p.length; decision++) {
            log += Math.log(p[decision][choices.option(decision)]);
        }
        return log;
    }

    private double[][] probabilities(SplittableRandom random) {
        double[][] p = new double[graph.decisions().size()][2];
        for (Decision decision : graph.decisions()) {
            p[decision.index()][0] = decision.options() == 1 ? 1 : 0.05 + 0.9 * random.nextDouble();
            p[decision.index()][1] = 1 - p[decision.index()][0];
        }
        return p;
    }
}
