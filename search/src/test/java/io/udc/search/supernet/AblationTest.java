package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.search.Cancellation;
import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.config.RunConfig;
import io.udc.search.config.RunConfigBuilder;
import io.udc.search.config.Task;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.StreamLayout;
import io.udc.search.discrete.Budget;
import io.udc.search.space.SearchLayer;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.StepSizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

/** Each switch of the ablations, in searches of two epochs. */
class AblationTest {

    private static final double BUDGET = 500;

    private final NpuConfig npu = NpuConfig.parse("ethos-u55-128");
    private final SpaceGraph graph = TinySpaces.everyKind();
    private final int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();

    /** What a search leaves behind. */
    private record Outcome(
            double[] norms, boolean stepsFollow, boolean ratesAreMeasured, List<EpochDone> epochs) {

        double multiplier(String name) {
            return epochs.get(epochs.size() - 1).search().multipliers().get(name);
        }

        double expectedBytes() {
            return epochs.get(0).search().expectedBytes();
        }
    }

    @Test
    void weightsKeepTheirNormUnlessToldOtherwise() {
        Outcome normalized = search("search.normalizedWeights", "true");
        for (double norm : normalized.norms()) {
            assertEquals(1, norm, 1e-4);
        }
        Outcome free = search("search.normalizedWeights", "false");
        assertTrue(Arrays.stream(free.norms()).anyMatch(norm -> Math.abs(norm - 1) > 0.01));
        assertTrue(free.stepsFollow(), "quantization steps are those of the weights at the end");
    }

    /** Depthwise layers included. */
    @Test
    void weightsLearnByEitherOptimizer() {
        for (String optimizer : List.of("adam", "muon")) {
            Outcome outcome = search("search.optimizer", optimizer);
            double first = outcome.epochs().get(0).loss();
            double last = outcome.epochs().get(outcome.epochs().size() - 1).loss();
            assertTrue(last < first, optimizer + ": " + first + ", " + last);
        }
    }

    @Test
    void everyCostCountsInItsOwnWayAndTheResultInEncodedBytes() {
        Outcome measured = search("search.cost", "measured");
        Outcome closedForm = search("search.cost", "closed-form");
        Outcome parameters = search("search.cost", "parameters");
        assertTrue(parameters.expectedBytes() < closedForm.expectedBytes(), "positions of zeros cost nothing");
        assertNotEquals(closedForm.expectedBytes(), measured.expectedBytes());
        for (Outcome outcome : List.of(measured, closedForm, parameters)) {
            assertTrue(outcome.ratesAreMeasured());
        }
    }

    @Test
    void withoutEntropyControlTheScheduleHasNoSay() {
        Outcome controlled = search("search.entropyControl", "true");
        Outcome free = search("search.entropyControl", "false");
        assertNotEquals(0, controlled.multiplier("entropy.width"));
        assertEquals(0, free.multiplier("entropy.width"));
        assertNotEquals(0, free.multiplier("bytes"));
    }

    @Test
    void theScheduleHoldsCompressionWhereStructureCannotFillTheBudget() {
        double structure = UndecidedSize.ofLargest(graph);
        for (boolean controlled : new boolean[] {true, false}) {
            for (double budget : new double[] {0.9 * structure, 1.1 * structure}) {
                Outcome outcome = search(budget, Map.of(
                        "search.searchEpochs", "4", "search.entropyControl", Boolean.toString(controlled)));
                Map<String, Double> atAQuarter = outcome.epochs().get(1).search().entropy();
                boolean held = controlled && budget > structure;
                assertEquals(held, atAQuarter.get("bits") > 1 - 1e-6, budget + " bytes, " + controlled);
                assertEquals(held, atAQuarter.get("sparsity") > 1 - 1e-6, budget + " bytes, " + controlled);
                assertTrue(atAQuarter.get("width") < 1 - 1e-6);
                assertTrue(outcome.epochs().get(4).search().entropy().get("bits") < 1 - 1e-6);
            }
        }
    }

    private Outcome search(String key, String value) {
        return search(BUDGET, Map.of(key, value));
    }

    private Outcome search(double budget, Map<String, String> values) {
        RunConfigBuilder builder = RunConfig.builder(Task.SHAPES, "quick")
                .set("search.warmupEpochs", "1")
                .set("search.searchEpochs", "1")
                .set("search.calibrationSteps", "2");
        values.forEach(builder::set);
        SearchSettings settings = builder.build().search();
        StreamLayout layout = StreamLayout.of(new LayerStreams(npu.accelerator()));
        RateTable rates = new RateTable(graph);
        List<EpochDone> epochs = new ArrayList<>();
        try (DecisionTable decisions = new DecisionTable(graph, Device.CPU);
                BytesCost bytes = new BytesCost(graph, decisions.options(), layout, rates, Device.CPU);
                Supernet supernet = new Supernet(graph, 1, Device.CPU);
                SearchFeed feed = TinyFeed.create();
                SupernetSearch search = new SupernetSearch(supernet, decisions, settings, feed,
                        List.of(new Budget(bytes, budget, true)),
                        new Calibration(new RateCalibrator(graph, layout, rates), List.of(bytes), bitWidths,
                                settings.cost(), bytes, this::encoded),
                        1, Device.CPU, event -> {
                            if (event instanceof EpochDone done) {
                                epochs.add(done);
                            }
                        }, new Cancellation())) {
            search.run(() -> { });
            return new Outcome(norms(supernet), stepsFollow(supernet),
                    Arrays.equals(measured(supernet, layout), rates.toArray()), epochs);
        }
    }

    private Map<String, Long> encoded(Subnet network) {
        return EncodedSize.layers(network.architecture(), network.parameters(), new EthosLayerCodec(npu));
    }

    /** Root mean square of every output channel's weights. */
    private double[] norms(Supernet supernet) {
        return graph.layers().stream().flatMapToDouble(layer -> {
            float[] weights = supernet.weightArray(layer);
            int perChannel = layer.widest().perChannel();
            double[] norms = new double[layer.widest().outChannels()];
            for (int i = 0; i < weights.length; i++) {
                norms[i / perChannel] += (double) weights[i] * weights[i] / perChannel;
            }
            return Arrays.stream(norms).map(Math::sqrt);
        }).toArray();
    }

    private float[] measured(Supernet supernet, StreamLayout layout) {
        RateTable rates = new RateTable(graph);
        RateCalibrator calibrator = new RateCalibrator(graph, layout, rates);
        for (SearchLayer layer : graph.layers()) {
            float[] weights = supernet.weightArray(layer);
            calibrator.measure(layer, weights, StepSizes.leastSquares(weights, bitWidths));
        }
        return rates.toArray();
    }

    private boolean stepsFollow(Supernet supernet) {
        for (SearchLayer layer : graph.layers()) {
            double[] expected = StepSizes.leastSquares(supernet.weightArray(layer), bitWidths);
            float[] found = new float[bitWidths.length];
            new FloatPointer(supernet.steps(layer).data_ptr()).get(found);
            for (int b = 0; b < found.length; b++) {
                if (Math.abs(found[b] - expected[b]) > 1e-6) {
                    return false;
                }
            }
        }
        return true;
    }
}
