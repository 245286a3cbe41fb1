package io.udc.npu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendEncoderTest {

    @Test
    void sizesOfARangeAddUp() {
        NpuOperator operator = NpuOperator.windowed(
                NpuOperator.Kind.CONVOLUTION,
                new Hwc(14, 14, 32),
                64,
                NpuOperator.Window.square(3, 1, true),
                false);
        WeightLayout layout = new PerformanceModel(NpuConfig.parse("ethos-u65-512")).weightLayout(operator);
        LayerWeights weights =
                LayerWeights.generate(NpuOperator.Kind.CONVOLUTION, layout, LayerWeights.Kind.G8, 11);
        BackendEncoder encoder = new BackendEncoder(BackendEncoder.Effort.FAST);
        for (int end = 16; end <= 64; end += 16) {
            long bytes = encoder.bytes(weights, Accelerator.ETHOS_U65_512, 32, end - 16, end);
            assertEquals(0, bytes % 16);
            assertTrue(bytes > 10 * 16, "more than the scale records");
            assertTrue(bytes < 16 * 9 * 32 + 400, "less than a byte a weight");
        }
    }

    /** Our encoder never needs more than Vela's: the same slices, fewer or as many bytes. */
    @Test
    void neverLargerThanTheReferenceVectors() {
        String shared = System.getenv("UDC_SHARED");
        Path file = Path.of(shared == null ? "../../shared" : shared, "vectors/perf/layers.json");
        assumeTrue(Files.exists(file), "no reference vectors: set UDC_SHARED or put shared/ beside the checkout");
        JsonNode expected = Json.read(file, JsonNode.class);
        List<LayerRecord> records = new ArrayList<>();
        List<Long> vela = new ArrayList<>();
        List<LayerRecord> all = LayerRecord.readAll(file);
        for (int i = 0; i < all.size(); i++) {
            long bytes = expected.get(i).get("ops").get(0).get("weights_bytes").asLong();
            // The large layers take too long for a test of the wiring.
            if (bytes > 0 && bytes <= 24 * 1024) {
                records.add(all.get(i));
                vela.add(bytes);
            }
        }
        List<LayerReport> reports = LayerReport.estimate(
                records, new BackendEncoder(BackendEncoder.Effort.BEST), null, BlockChoice.VELA);
        for (int i = 0; i < records.size(); i++) {
            assertTrue(
                    reports.get(i).encodedBytes() <= vela.get(i),
                    records.get(i).name() + ": " + reports.get(i).encodedBytes() + " > " + vela.get(i));
        }
    }
}
