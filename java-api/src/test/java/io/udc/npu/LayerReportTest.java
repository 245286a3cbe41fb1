package io.udc.npu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerReportTest {

    private static final String DENSE =
            """
            [{"name": "dense", "layer": {"op": "fc", "ifm": [1, 1, 16], "out": 4, "kernel": [1, 1], "stride": 1,
              "padding": "VALID", "weights": "g8", "act": 0, "dilation": 1}, "seed": 7,
              "accelerator": "ethos-u55-128", "totals": {"npu": 1}, "ops": [{"depth_slices": [0, 4],
              "weights_bytes": 112, "full_weight_transfer_cycles": 0.0,
              "ranges": [{"core": 0, "depth": 0, "scale_bytes": 40, "weight_bytes": 64}]}]}]
            """;

    private static List<LayerRecord> records(String text) {
        return LayerRecord.allOf(Json.parse(text, JsonNode.class, "records"), "records");
    }

    @Test
    void givenSizesStandIn() {
        LayerReport report = LayerReport.estimate(records(DENSE), null, null, BlockChoice.VELA).get(0);
        assertEquals("dense", report.name());
        assertEquals(112, report.encodedBytes());
        assertEquals(64, report.originalBytes());
        assertEquals(112.0, report.cycles().total());
        JsonNode json = Json.mapper().valueToTree(report);
        assertEquals("[1,2,8]", json.get("ofmBlock").toString());
        List<String> names = new ArrayList<>();
        json.get("cycles").fieldNames().forEachRemaining(names::add);
        assertEquals(List.of("npu", "sram", "dram", "onchipFlash", "offchipFlash", "total"), names);
    }

    @Test
    void weightsAreMadeFromKindAndSeed() {
        LayerReport report = LayerReport.estimate(
                        records(DENSE),
                        (weights, accelerator, depth, begin, end) -> {
                            assertEquals(Accelerator.ETHOS_U55_128, accelerator);
                            assertEquals(64, weights.values().length);
                            assertEquals(0, begin);
                            assertEquals(4, end);
                            return 96;
                        },
                        null,
                        BlockChoice.VELA)
                .get(0);
        assertEquals(96, report.encodedBytes());
    }

    /** The first values of seed 1000, by an independent program. */
    @Test
    void integerHash() {
        int[] g8 = new int[8];
        for (int i = 0; i < g8.length; i++) {
            g8[i] = LayerWeights.Kind.G8.weight(i, 1000);
        }
        assertEquals(List.of(HASHED), Arrays.stream(g8).boxed().toList());
        for (int i = 0; i < 1000; i++) {
            assertTrue(Math.abs(LayerWeights.Kind.G4.weight(i, 3)) <= 8);
        }
    }

    @Test
    void incompleteRecordsAreNamed() {
        String withoutOps = DENSE.replaceFirst("(?s), \"ops\".*$", "}]");
        String message = assertThrows(
                        InputException.class,
                        () -> LayerReport.estimate(records(withoutOps), null, null, BlockChoice.VELA))
                .getMessage();
        assertTrue(message.startsWith("dense: "), message);
        String withoutPadding = DENSE.replace("\"padding\": \"VALID\",", "");
        message = assertThrows(InputException.class, () -> records(withoutPadding)).getMessage();
        assertTrue(message.startsWith("records: [0]: ") && message.contains("padding"), message);
        String unknown = DENSE.replace("\"fc\"", "\"softmax\"");
        message = assertThrows(
                        InputException.class,
                        () -> LayerReport.estimate(records(unknown), null, null, BlockChoice.VELA))
                .getMessage();
        assertTrue(message.contains("softmax"), message);
    }

    @Test
    void everyRecordOfTheReferenceVectors() {
        String shared = System.getenv("UDC_SHARED");
        Path file = Path.of(shared == null ? "../../shared" : shared, "vectors/perf/layers.json");
        assumeTrue(Files.exists(file), "no reference vectors: set UDC_SHARED or put shared/ beside the checkout");
        List<LayerRecord> records = LayerRecord.readAll(file);
        JsonNode expected = Json.read(file, JsonNode.class);
        List<LayerReport> reports = LayerReport.estimate(records, null, null, BlockChoice.VELA);
        assertEquals(expected.size(), reports.size());
        for (int i = 0; i < reports.size(); i++) {
            JsonNode op = expected.get(i).get("ops").get(0);
            JsonNode actual = Json.mapper().valueToTree(reports.get(i));
            String name = reports.get(i).name() + " " + records.get(i).accelerator();
            assertEquals(op.get("ofm_block_hwc"), actual.get("ofmBlock"), name);
            assertEquals(op.get("depth_slices"), actual.get("depthSlices"), name);
            assertEquals(op.get("weights_bytes").asLong(), reports.get(i).encodedBytes(), name);
            assertEquals(
                    expected.get(i).get("totals").get("original_weights").asLong(),
                    reports.get(i).originalBytes(),
                    name);
            LayerCycles cycles = reports.get(i).cycles();
            JsonNode figures = op.get("cycles");
            assertEquals(figures.get("npu").asDouble(), cycles.npu(), name);
            assertEquals(figures.get("sram").asDouble(), cycles.sram(), 1e-6, name);
            assertEquals(figures.get("dram").asDouble(), cycles.dram(), 1e-6, name);
            assertEquals(figures.get("onchip_flash").asDouble(), cycles.onchipFlash(), 1e-6, name);
            assertEquals(figures.get("offchip_flash").asDouble(), cycles.offchipFlash(), 1e-6, name);
            assertEquals(figures.get("total").asDouble(), cycles.total(), 1e-6, name);
        }
    }

    private static final Integer[] HASHED = {-71, -23, -54, 23, 53, -9, 76, 36};
}
