package io.udc.tflite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.json.Json;
import io.udc.npu.EncodedSizes;
import io.udc.npu.LayerCycles;
import io.udc.npu.NetworkEstimate;
import io.udc.npu.NpuConfig;
import io.udc.npu.PerformanceModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Networks of others, read from their files, against what Vela made of them on four accelerators each. */
class TfliteVelaTest {

    private static final String SHARED =
            System.getenv("UDC_SHARED") == null ? "../../shared" : System.getenv("UDC_SHARED");
    private static final Path RECORDS = Path.of(SHARED, "vectors/perf/networks.json");

    @BeforeAll
    static void needVectors() {
        assumeTrue(Files.exists(RECORDS), "no reference vectors: set UDC_SHARED or put shared/ beside the checkout");
    }

    /** With Vela's own encoded sizes, everything but the addresses in SRAM is equal. */
    @Test
    void everyOperatorEqualsVela() {
        int compared = 0;
        int exactMemory = 0;
        for (JsonNode record : Json.read(RECORDS, JsonNode.class)) {
            NpuConfig config = config(record);
            PerformanceModel model = new PerformanceModel(config);
            JsonNode expected = record.path("ops");
            Map<String, JsonNode> byName = new HashMap<>();
            expected.forEach(operator -> byName.put(operator.path("name").textValue(), operator));
            NpuNetwork network = TfliteOperators.of(
                    network(record), model, (name, operator, weights) -> given(byName.get(name), config));
            assertFalse(network.isPartial(), () -> name(record) + network.uncovered());
            assertEquals(expected.size(), network.operators().size(), name(record));
            NetworkEstimate estimate = model.estimate(network.operators());
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(expected.get(i).path("name").textValue(), network.operators().get(i).name());
                assertSame(expected.get(i).path("cycles"), estimate.operators().get(i).cycles(),
                        name(record) + " operator " + i);
                compared++;
            }
            assertSame(record.path("totals"), estimate.cycles(), name(record));
            assertEquals(record.path("totals").path("encoded_weights").asLong(), estimate.encodedBytes());
            assertEquals(record.path("totals").path("macs").asLong(), estimate.macs(), name(record));
            double memory = record.path("totals").path("memory_used").path("Sram").asDouble();
            assertTrue(estimate.peakSramBytes() <= memory && estimate.peakSramBytes() > 0.93 * memory, name(record));
            exactMemory += estimate.peakSramBytes() == memory ? 1 : 0;
        }
        assertEquals(584, compared);
        assertEquals(17, exactMemory);
    }

    /** Our streams are never larger, so what waits for them mostly waits less. */
    @Test
    void withOurOwnStreamsCyclesAreNearVelas() {
        for (JsonNode record : Json.read(RECORDS, JsonNode.class)) {
            if (record.path("accelerator").textValue().equals("ethos-u55-128")) {
                PerformanceModel model = new PerformanceModel(config(record));
                NetworkEstimate estimate =
                        model.estimate(TfliteOperators.of(network(record), model).operators());
                double cycles = record.path("totals").path("total").asDouble();
                assertTrue(estimate.encodedBytes() <= record.path("totals").path("encoded_weights").asLong());
                assertTrue(estimate.cycles().total() < 1.002 * cycles && estimate.cycles().total() > 0.95 * cycles,
                        () -> name(record) + ": " + estimate.cycles().total() + " of " + cycles);
            }
        }
    }

    private static void assertSame(JsonNode expected, LayerCycles found, String what) {
        assertEquals(expected.path("npu").asDouble(), found.npu(), 1e-6, what);
        assertEquals(expected.path("sram").asDouble(), found.sram(), 1e-6, what);
        assertEquals(expected.path("dram").asDouble(), found.dram(), 1e-6, what);
        assertEquals(expected.path("offchip_flash").asDouble(), found.offchipFlash(), 1e-6, what);
        assertEquals(expected.path("total").asDouble(), found.total(), 1e-6, what);
    }

    private static String name(JsonNode record) {
        return record.path("name").textValue() + " on " + record.path("accelerator").textValue();
    }

    private static NpuConfig config(JsonNode record) {
        return NpuConfig.parse(record.path("accelerator").textValue(), record.path("system_config").textValue(),
                record.path("memory_mode").textValue());
    }

    private static TfliteNetwork network(JsonNode record) {
        return TfliteFile.read(Path.of(SHARED, "vectors/perf/models", record.path("name").textValue() + ".tflite"));
    }

    /** Vela's encoded sizes of an operator: those of its slices, and of all channels in one. */
    private static EncodedSizes given(JsonNode operator, NpuConfig config) {
        List<EncodedSizes.Range> ranges = new ArrayList<>();
        JsonNode slices = operator.path("depth_slices");
        for (int i = 0; i + 1 < slices.size(); i++) {
            long bytes = 0;
            for (JsonNode range : operator.path("ranges")) {
                if (range.path("depth").asInt() == slices.get(i).asInt()) {
                    bytes += (range.path("scale_bytes").asLong() + 15) / 16 * 16 + range.path("weight_bytes").asLong();
                }
            }
            ranges.add(new EncodedSizes.Range(slices.get(i).asInt(), slices.get(i + 1).asInt(), bytes));
        }
        double transfer = operator.path("full_weight_transfer_cycles").asDouble();
        long full = ranges.size() > 1 && transfer > 0
                ? config.bytesOfTransfer(transfer)
                : operator.path("weights_bytes").asLong();
        return new EncodedSizes.Given(full, ranges);
    }
}
