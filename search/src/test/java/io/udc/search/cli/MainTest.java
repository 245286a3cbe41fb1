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
