package io.udc.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.Search;
import io.udc.search.SearchEvent;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import io.udc.search.sweep.Front;
import io.udc.search.sweep.Sweep;
import io.udc.search.sweep.SweepPlan;
import io.udc.search.sweep.UniformGrid;
import io.udc.units.ByteSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {

    private static final SweepPlan PLAN = new SweepPlan(
            List.of(new ByteSize(2500), ByteSize.parse("4KB")), List.of(3L), true, UniformGrid.parse("4x0.5"));

    @TempDir
    private Path folder;

    @Test
    void aSweepThatWasStoppedGoesOnAndItsSearchesEqualSeparateOnes() throws Exception {
        RunConfig config = TinySearch.config("4KB", 3).build();
        RunDirectory directory = RunDirectory.open(folder.resolve("sweep"), RunDirectory.Mode.NEW);
        directory.writeJson(directory.config(), config);
        assertThrows(CancelledException.class, () -> sweep(config, directory, new Stop()));
        Front front = sweep(config, directory, new Cancellation(), SearchListener.silent());

        assertEquals(4, front.points().size());
        assertEquals(2, front.rows().size());
        assertEquals("uniform 4-bit, 50% sparse", front.rows().get(0).best().against());
        RunDirectory separate = RunDirectory.open(folder.resolve("separate"), RunDirectory.Mode.NEW);
        Search.builder(config).build().run(separate);
        assertArrayEquals(
                Files.readAllBytes(separate.model()),
                Files.readAllBytes(directory.folder().resolve("found-4KB-s3").resolve("model.udc")));
    }


    /** Stops in the epoch behind the warm-up that the second search took over. */
    private static final class Stop implements SearchListener {
        private final Cancellation cancellation = new Cancellation();
        private boolean warm;

        @Override
        public void on(SearchEvent event) {
            warm |= event instanceof SearchEvent.Message message && message.text().startsWith("warm-up: taken from");
            if (warm && event instanceof SearchEvent.EpochDone) {
                cancellation.request();
            }
        }
    }

    private static Front sweep(RunConfig config, RunDirectory directory, Stop stop) {
        return sweep(config, directory, stop.cancellation, stop);
    }

    private static Front sweep(
            RunConfig config, RunDirectory directory, Cancellation cancellation, SearchListener listener) {
        return new Sweep(config, PLAN, directory, "test", listener, cancellation).run();
    }
}
