package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.device.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchStepTest {

    private static final String SPACE = """
            {"name": "tiny", "weightBits": [4, 8], "sparsities": [0, 0.5],
             "stem": {"kernels": [3], "stride": 2, "widths": [4]},
             "stages": [{"widths": [4, 8], "blocks": 1, "stride": 2,
                         "operators": [{"kind": "dense", "kernels": [3], "expansions": []}]}],
             "headKernels": [3]}
            """;

    private final CliFixture cli = new CliFixture();

    @TempDir
    private Path folder;

    /** The command on a tiny space and few pictures. */
    private Object[] bench(Object... more) throws IOException {
        Path space = Files.writeString(folder.resolve("space.json"), SPACE);
        Object[] few = {"bench", "step", "--space", space, "--set", "dataOptions.shapesTrain=300",
            "--set", "dataOptions.shapesTest=10"};
        return Stream.concat(Stream.of(few), Stream.of(more)).toArray();
    }

    @Test
    void aStepOfTheSearchIsTimedBesideOneOfTraining() throws IOException {
        JsonNode timing = cli.json(bench("--batch", 2, "--max-latency", "1s", "--max-sram", "1MiB"));
        assertEquals("cpu", timing.get("device").asText());
        double searchStep = timing.get("searchStepMs").asDouble();
        assertTrue(searchStep > 0, timing::toString);
        assertTrue(timing.get("floatStepMs").asDouble() > 0, timing::toString);
        assertTrue(timing.get("ratio").asDouble() > 0, timing::toString);
        assertTrue(timing.get("libtorchStepMs").asDouble() > 0, timing::toString);
        assertEquals(2000 / searchStep, timing.get("imagesPerSecond").asDouble(), 1e-6);
        double waited = timing.get("dataWaitShare").asDouble();
        assertTrue(waited >= 0 && waited <= 1, timing::toString);
        assertTrue(timing.get("hostStepMs").isNull() && timing.get("gpuBusyShare").isNull(), timing::toString);
    }

    @Test
    void searchesOfTheSameSeedLoseTheSameBitForBit() throws IOException {
        cli.run(bench("--check", "--batch", 2));
        assertTrue(cli.err().contains("50 steps have the same losses in both runs"), cli.err());
    }

    /**
     * The same for the comparison of a GPU with the CPU: batch norm over pairs of pictures would make rounding grow
     * beyond what is allowed, over 16 it does not. A fifth of the pictures goes to the decisions, and 51 batches are
     * needed of the rest.
     */
    private Object[] benchOnGpu(Object... more) throws IOException {
        Object[] enough = bench("--check", "--batch", 16, "--set", "dataOptions.shapesTrain=1100", "--device", "cuda");
        return Stream.concat(Stream.of(enough), Stream.of(more)).toArray();
    }

    @Test
    void aSearchOnAGpuLosesWhatOneOnTheCpuDoes() throws IOException {
        boolean forced = "cuda".equals(System.getenv("UDC_TEST_DEVICE"));
        assumeTrue(forced || Devices.cudaCount() > 0, "no GPU answers");
        JsonNode timing = cli.json(benchOnGpu("--max-latency", "1s", "--max-sram", "1MiB"));
        assertTrue(cli.err().contains("50 steps lose the same on cpu and cuda:0"), cli.err());
        assertTrue(timing.get("hostStepMs").asDouble() > 0, timing::toString);
        double busy = timing.get("gpuBusyShare").asDouble();
        assertTrue(busy > 0 && busy <= 1, timing::toString);
    }

    @Test
    void aSearchOnAGpuThatRepeatsRecordedStepsLosesTheSame() throws IOException {
        assumeTrue("cuda".equals(System.getenv("UDC_TEST_DEVICE")) || Devices.cudaCount() > 0, "no GPU answers");
        cli.run(benchOnGpu("--set", "search.cudaGraph=true"));
        assertTrue(cli.err().contains("50 steps lose the same on cpu and cuda:0"), cli.err());
        assertFalse(cli.err().contains("search.cudaGraph"), cli.err());
    }

    @Test
    void aGpuThatIsNotThereIsNamed() throws IOException {
        assumeTrue(Devices.cudaCount() == 0, "this machine has a GPU");
        cli.fails("--device cuda:0: no CUDA device answers", bench("--device", "cuda"));
    }

    @Test
    void tooFewPicturesAreNamed() throws IOException {
        cli.fails("expected at least 51: choose a smaller --batch", bench("--check", "--batch", 64));
    }
}
