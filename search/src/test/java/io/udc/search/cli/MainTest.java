package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.json.Json;
import io.udc.search.report.SampleRun;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void wrongUsageIsOneLineAndExitCode2() {
        assertFails(2, "udc: no command given");
        assertFails(2, "udc: Unmatched argument", "serach");
        assertFails(2, "udc: Unknown option: '--colour'", "doctor", "--colour");
        assertFails(2, "udc: Missing required parameter: 'RUN_DIR'", "report");
        assertFails(2, "udc: nothing to measure given, expected kernels, step, codec, run or resize", "bench");
        assertFails(2, "udc: " + folder.resolve("index.json") + ": no such file", "bench", "codec", "--vectors",
                folder.toString());
    }

    @Test
    void flagsAreNamedWithWhatWasFoundAndExpected() {
        assertFails(2, "udc: --set: found 'search.batchSize', expected KEY=VALUE  (see", "search", "--set",
                "search.batchSize");
        assertFails(2, "udc: --seed: found 'x', expected a whole number  (see", "search", "--seed", "x");
        assertFails(2, "udc: --sparsity: found 'x', expected a number  (see", "baseline", "--bits", "8",
                "--sparsity", "x");
        assertFails(2, "udc: --format: found 'onnx', expected tflite  (see", "export", "--model", "m",
                "--format", "onnx", "o");
        assertFails(2, "udc: --effort: found 'most', expected fast or best  (see", "encode", "i", "o",
                "--effort", "most");
        assertFails(2, "udc: Missing required argument", "estimate");
        assertFails(2, "udc: --layers=FILE, --layer=FILE are mutually exclusive", "estimate", "--layers", "a",
                "--layer", "b");
        assertFails(2, "udc: --npu: found 'foo', expected ethos-u55-32, ", "search", "--npu", "foo");
        assertFails(2, "udc: --system-config: found 'foo', expected Ethos_U55_Deep_Embedded, ", "search",
                "--system-config", "foo");
        assertFails(2, "udc: --memory-mode: found 'foo', expected Sram_Only, ", "estimate", "m.udc", "--memory-mode",
                "foo");
        assertFails(2, "udc: --space: found 'nope', expected one of shapes, cifar-small, ", "search", "--space", "nope",
                "--out", folder.resolve("run").toString());
        assertFails(2, "udc: --budget: found 0, expected more than 0", "search", "--budget", "0");
        assertFails(2, "udc: --max-latency: found 0, expected more than 0", "search", "--max-latency", "0ms");
        assertFails(2, "udc: --seed: found -1, expected 0 or more", "search", "--seed=-1");
        assertFails(2, "udc: configuration: seed: found -1, expected 0 or more", "search", "--set", "seed=-1");
    }

    @Test
    void flagsThatWouldBeIgnoredAreRefused() {
        assertFails(2, "udc: --scale: found the task shapes, expected sr", "search", "--scale", "3");
        assertFails(2, "udc: --data: found the task shapes, ", "search", "--data", folder.toString());
    }

    @Test
    void wrongInputIsOneLineAndExitCode2() {
        assertFails(2, "udc: " + folder + ": not a run directory, expected a config.json", "report", folder.toString());
    }

    @Test
    void debugAddsTheStackTrace() {
        assertEquals(2, run("report", folder.toString(), "--debug"));
        assertTrue(text(err).contains("at io.udc.search"), text(err));
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        assertEquals(0, run("--help"));
        assertTrue(text(out).contains("Exit codes: 0 done"), text(out));
        out.reset();
        assertEquals(0, run("--version"));
        assertTrue(text(out).startsWith("udc "), text(out));
        assertEquals("", text(err));
    }

    @Test
    void reportWritesThePage() {
        Path run = folder.resolve("run");
        SampleRun.write(run);
        assertEquals(0, run("report", run.toString()));
        assertTrue(Files.exists(run.resolve("report.html")));
    }

    @Test
    void doctorFindsTheCpuPathAndPrintsJsonAlone() {
        assertEquals(0, run("doctor", "--json"));
        assertTrue(Json.parse(text(out), com.fasterxml.jackson.databind.JsonNode.class, "out")
                .path("healthy")
                .booleanValue());
        assertEquals("", text(err));
    }

    @Test
    void estimateTakesALayerAndGivenSizes() throws java.io.IOException {
        Path layer = Files.writeString(folder.resolve("layer.json"), "{\"name\": \"a\", \"layer\": {\"op\": \"conv\", "
                + "\"ifm\": [112, 112, 16], \"out\": 64, \"kernel\": [1, 1], \"stride\": 1, \"padding\": \"SAME\", "
                + "\"weights\": \"g8\"}, \"seed\": 1000, \"ops\": [{\"depth_slices\": [0, 64], "
                + "\"weights_bytes\": 1920, \"ranges\": []}]}");
        assertEquals(0, run("estimate", "--layer", layer.toString(), "--given-sizes", "--json"), text(err));
        com.fasterxml.jackson.databind.JsonNode report =
                Json.parse(text(out), com.fasterxml.jackson.databind.JsonNode.class, "out");
        assertEquals(1920, report.path("encodedBytes").asLong());
        assertTrue(report.path("cycles").path("total").asDouble() > 0);
        out.reset();
        assertEquals(0, run("estimate", "--layer", layer.toString(), "--json"), text(err));
        long encoded = Json.parse(text(out), com.fasterxml.jackson.databind.JsonNode.class, "out")
                .path("encodedBytes").asLong();
        assertTrue(encoded > 1500 && encoded < 1920, "found " + encoded + " bytes, expected fewer than Vela's");
        assertFails(2, "udc: --npu: found 'ethos-u99', expected ethos-u55-32", "estimate", "--layer", layer.toString(),
                "--given-sizes", "--npu", "ethos-u99");
    }

    @Test
    void srDownscaleNamesAMissingFolder() {
        assertFails(2, "udc: ", "sr", "downscale", folder.resolve("none").toString(), folder.toString(),
                "--scale", "2");
        assertFails(2, "udc: --scale: found 'two', expected a whole number  (see ", "sr", "downscale", "a", "b",
                "--scale", "two");
        assertFails(2, "udc: --scale: found 1, expected at least 2", "sr", "downscale", "a", "b", "--scale", "1");
    }

    @Test
    void aPictureThatIsSkippedIsToldLikeEverythingElse() throws java.io.IOException {
        Path bad = Files.writeString(folder.resolve("bad.png"), "text");
        PrintStream before = System.err;
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            assertEquals(2, run("sr", "downscale", bad.toString(), folder.resolve("out").toString(), "--scale", "2",
                    "--skip-bad"));
        } finally {
            System.setErr(before);
        }
        String[] lines = text(err).split("\\R");
        assertEquals("udc: " + bad + ": is neither PNG, JPEG nor BMP (skipped)", lines[0]);
        assertTrue(lines[1].startsWith("udc: all 1 pictures are broken; the first: " + bad), lines[1]);
        assertEquals(2, lines.length);
    }

    @Test
    void tablesAreAligned() {
        String table = new Table("network", "bytes").row("found", "16,102").row("uniform 8-bit", "9").toString();
        assertEquals("network         bytes\n-------------  ------\nfound          16,102\nuniform 8-bit       9", table);
    }

    private void assertFails(int code, String start, String... args) {
        out.reset();
        err.reset();
        assertEquals(code, run(args), text(err));
        assertTrue(text(err).startsWith(start), text(err));
        assertEquals(1, text(err).lines().count(), text(err));
        assertEquals("", text(out));
    }

    private int run(String... args) {
        return Main.run(new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), false), args);
    }

    private static String text(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
