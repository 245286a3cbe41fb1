package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.Search;
import io.udc.search.SearchEvent;
import io.udc.search.config.RunConfig;
import io.udc.search.model.ModelFile;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a program searches: with progress, a stop from outside, and a second start that goes on. */
class SearchExampleTest {

    @TempDir
    private Path folder;

    @Test
    void aSearchReportsProgressStopsWhenAskedAndGoesOn() {
        RunConfig config = TinySearch.config("3KiB", 1).set("maxLatency", "1ms").build();
        RunDirectory directory = RunDirectory.open(folder.resolve("run"), RunDirectory.Mode.NEW);

        List<String> phases = new ArrayList<>();
        Cancellation cancellation = new Cancellation();
        Search search = Search.builder(config)
                .optListener(event -> {
                    if (event instanceof SearchEvent.PhaseStarted phase) {
                        phases.add(phase.phase());
                    } else if (event instanceof SearchEvent.EpochDone epoch && epoch.phase().equals("dense")) {
                        cancellation.request();
                    }
                })
                .optCancellation(cancellation)
                .build();
        assertThrows(CancelledException.class, () -> search.run(directory));
        assertEquals(List.of("search", "dense"), phases.subList(0, 2));

        Result result = Search.builder(config).build().run(directory);
        assertTrue(result.encodedBytes() <= 3 * 1024, result.encodedBytes() + " bytes");
        assertTrue(result.latencyMs() <= 1, result.latencyMs() + " ms");
        assertEquals(result.encodedBytes(), ModelFile.read(directory.model()).encoded().encodedBytes());
    }
}
