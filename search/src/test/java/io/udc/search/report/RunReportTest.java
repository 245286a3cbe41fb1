package io.udc.search.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.search.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {

    @TempDir
    Path folder;

    @Test
    void aFinishedRunShowsItsResultAndItsHistory() throws IOException {
        RunDirectory run = SampleRun.write(folder.resolve("run"));
        RunReport.write(run);
        String html = Files.readString(run.report());
        for (String expected : List.of("shapes: 93.40% in 15.72 KiB", "98.3% of 16.00 KiB", "uniform 8-bit",
                "+7.20 points", "Training loss", "Normalised entropy", "budget 16.00 KiB", "depthwise 5x5")) {
            assertTrue(html.contains(expected), expected);
        }
        assertEquals(5, html.split("<svg", -1).length - 1, "charts");
        assertFalse(html.contains("NaN") || html.contains("Infinity"), "no undrawable coordinates");
        assertFalse(html.contains("http://") || html.contains("https://") || html.contains("<script"),
                "self-contained");
    }

    @Test
    void anUnfinishedRunGivesAPageToo() throws IOException {
        RunDirectory run = SampleRun.write(folder.resolve("run"));
        Files.delete(run.result());
        Files.delete(run.metrics());
        String html = RunReport.of(run).toHtml();
        assertTrue(html.contains("shapes: not finished") && html.contains("No epoch is done yet."), html);
    }

    @Test
    void textIsEscaped() throws IOException {
        RunDirectory run = SampleRun.write(folder.resolve("run"));
        Files.writeString(run.config(), "{\"task\": \"<img src=x>\"}");
        String html = RunReport.of(run).toHtml();
        assertFalse(html.contains("<img"));
    }

    @Test
    void scalesHaveRoundTicksAroundAllValues() {
        assertEquals(List.of(0.0, 2.0, 4.0, 6.0, 8.0, 10.0), Scale.covering(0.3, 9.7, 5).ticks());
        Scale flat = Scale.covering(5, 5, 5);
        assertTrue(flat.least() <= 5 && flat.greatest() > 5);
    }
}
