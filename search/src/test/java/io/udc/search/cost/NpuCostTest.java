package io.udc.search.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.memory.StepScope;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import io.udc.search.space.Choices;
import io.udc.search.space.Decision;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NpuCostTest {

    private final PerformanceModel npu = new PerformanceModel(NpuConfig.parse("ethos-u55-128"));
    private final SpaceGraph graph = TinySpaces.countable();
    private final EveryNetwork networks = new EveryNetwork(graph);
    private final BytesCost bytes = bytes(graph, EveryNetwork.OPTIONS);
    private final LatencyCost latency = new LatencyCost(graph, EveryNetwork.OPTIONS, npu, bytes, Device.CPU);
    private final SramCost sram = new SramCost(graph, EveryNetwork.OPTIONS, npu, bytes, Device.CPU);

    @AfterEach
    void close() {
        latency.close();
        sram.close();
        bytes.close();
    }

    @Test
    void expectedLatencyEqualsTheMeanOverAllNetworks() {
        double[][] p = networks.randomProbabilities(11);
        try (StepScope scope = StepScope.open()) {
            double mean = networks.mean(p, choices -> latency.of(graph, choices));
            assertEquals(mean, latency.expected(EveryNetwork.tensor(p)).item_double(), 1e-5 * mean);
        }
    }

    @Test
    void aFittedCostIsWhatTheNpuModelMeasures() {
        Choices choices = graph.widest();
        for (CostModel cost : new CostModel[] {latency, sram}) {
            cost.fitTo(choices);
            double measured = cost.measured(choices);
            assertEquals(measured, cost.of(graph, choices), 1e-5 * measured, cost.name());
            cost.fitTo(choices);
            assertEquals(measured, cost.of(graph, choices), 1e-5 * measured, cost.name() + ", fitted again");
        }
    }

    @Test
    void theSmoothPeakLiesBetweenTheLayersMeanAndTheirMaximum() {
        SplittableRandom random = new SplittableRandom(5);
        for (int trial = 0; trial < 20; trial++) {
            Choices choices = random(graph, random);
            try (StepScope scope = StepScope.open()) {
                double peak = sram.of(graph, choices);
                double smooth = sram.expected(EveryNetwork.tensor(networks.certain(choices))).item_double();
                assertTrue(smooth <= peak * 1.00001 && smooth >= 0.9 * peak, smooth + " for a peak of " + peak);
            }
        }
    }

    @Test
    void theExpectedCostsHaveGradients() {
        try (StepScope scope = StepScope.open()) {
            for (CostModel cost : new CostModel[] {latency, sram}) {
                Tensor p = EveryNetwork.tensor(networks.randomProbabilities(3)).set_requires_grad(true);
                cost.expected(p).backward();
                assertTrue(p.grad().abs().sum().item_double() > 0, cost.name());
            }
        }
    }

    @Test
    void tablesFittedToOneNetworkComeNearToAnother() {
        SpaceGraph everyKind = TinySpaces.everyKind();
        SplittableRandom random = new SplittableRandom(9);
        try (BytesCost size = bytes(everyKind, 4);
                LatencyCost time = new LatencyCost(everyKind, 4, npu, size, Device.CPU);
                SramCost memory = new SramCost(everyKind, 4, npu, size, Device.CPU)) {
            for (CostModel cost : new CostModel[] {time, memory}) {
                cost.fitTo(everyKind.widest());
                for (int trial = 0; trial < 20; trial++) {
                    Choices choices = random(everyKind, random);
                    double ratio = cost.of(everyKind, choices) / cost.measured(choices);
                    assertTrue(ratio > 0.6 && ratio < 1.6, cost.name() + " " + ratio);
                }
            }
        }
    }

    private static Choices random(SpaceGraph graph, SplittableRandom random) {
        return new Choices(graph.decisions().stream().mapToInt(Decision::options).map(random::nextInt).toArray());
    }

    private static BytesCost bytes(SpaceGraph graph, int options) {
        return new BytesCost(graph, options, StreamLayout.of(new LayerStreams(
                NpuConfig.parse("ethos-u55-128").accelerator())), new RateTable(graph), Device.CPU);
    }
}
