package io.udc.search.supernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.device.Device;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.LayerStreams;
import io.udc.npu.NpuConfig;
import io.udc.search.Cancellation;
import io.udc.search.SearchEvent;
import io.udc.search.SearchEvent.Message;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.cost.BytesCost;
import io.udc.search.cost.RateCalibrator;
import io.udc.search.cost.RateTable;
import io.udc.search.cost.StreamLayout;
import io.udc.search.discrete.Budget;
import io.udc.search.space.SpaceGraph;
import io.udc.search.space.TinySpaces;
import io.udc.search.train.EncodedSize;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Whole searches with recorded passes, whose recordings are done again on the CPU. */
class RecordedSearchTest {

    private final NpuConfig npu = NpuConfig.parse("ethos-u55-128");
    private final SpaceGraph graph = TinySpaces.everyKind();
    private final List<SearchEvent> events = new ArrayList<>();
    private final List<Rerun> works = new ArrayList<>();

    private record Outcome(float[] weights, float[] logits) {}

    @Test
    void aSearchWithRecordedPassesLearnsTheSame() {
        Outcome expected = search(false, direct -> direct);
        // Quantization steps change in place between passes, at every second step.
        Outcome found = search(false, direct -> new RecordedPass(
                direct, direct.supernet()::leftOut, this::work, Device.CPU, events::add));
        assertArrayEquals(expected.weights(), found.weights());
        assertArrayEquals(expected.logits(), found.logits());
        for (Rerun work : works) {
            assertTrue(work.calls().stream().filter("replay"::equals).count() >= 4, () -> work.calls().toString());
        }
        assertEquals(2, works.size());
        assertEquals(0, events.stream().filter(Message.class::isInstance).count());
    }

    @Test
    void onTheCpuTheOptionIsSaidToHaveNoEffect() {
        search(true, null);
        assertEquals(List.of(Message.warning("search.cudaGraph: has no effect on the CPU")),
                events.stream().filter(Message.class::isInstance).toList());
    }

    private Rerun work() {
        Rerun work = new Rerun(false);
        works.add(work);
        return work;
    }

    /** @param pass made of a direct one; null leaves the settings' */
    private Outcome search(boolean cudaGraph, Function<DirectPass, SupernetPass> pass) {
        SearchSettings settings = RunConfig.builder(Task.SHAPES, "quick")
                .set("search.warmupEpochs", "1")
                .set("search.searchEpochs", "2")
                .set("search.calibrationSteps", "2")
                .set("search.cudaGraph", Boolean.toString(cudaGraph))
                .build()
                .search();
        StreamLayout layout = StreamLayout.of(new LayerStreams(npu.accelerator()));
        RateTable rates = new RateTable(graph);
        int[] bitWidths = graph.space().weightBits().stream().mapToInt(Integer::intValue).toArray();
        try (DecisionTable decisions = new DecisionTable(graph, Device.CPU);
                BytesCost bytes = new BytesCost(graph, decisions.options(), layout, rates, Device.CPU);
                Supernet supernet = new Supernet(graph, 1, Device.CPU);
                SearchFeed feed = TinyFeed.create();
                SupernetSearch search = new SupernetSearch(supernet, decisions, settings, feed,
                        List.of(new Budget(bytes, 500, true)),
                        new Calibration(new RateCalibrator(graph, layout, rates), List.of(bytes), bitWidths,
                                settings.cost(), bytes, network -> EncodedSize.layers(
                                        network.architecture(), network.parameters(), new EthosLayerCodec(npu))),
                        1, Device.CPU, events::add, new Cancellation())) {
            if (pass != null) {
                search.optPass(pass.apply(new DirectPass(supernet, feed)));
            }
            search.run(() -> { });
            return new Outcome(values(supernet.parameters().weights()), values(decisions.logits()));
        }
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        new FloatPointer(tensor.data_ptr()).get(values);
        return values;
    }
}
