package io.udc.search;

import io.udc.search.config.RunConfig;
import io.udc.search.report.RunReport;
import io.udc.search.run.MetricsLog;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A run with all that belongs into its folder: the values beforehand, the log meanwhile, result and report at the
 * end. Immutable.
 */
public final class RecordedRun {

    private final Path folder;
    private final SearchListener listener;

    /** @param folder is created, unless it holds the run already */
    public RecordedRun(Path folder, SearchListener listener) {
        this.folder = folder;
        this.listener = listener;
    }

    /** The work of the run. */
    @FunctionalInterface
    public interface Work {

        /** Runs, or goes on from the folder's last checkpoint. */
        Result run(RunDirectory directory, SearchListener events);
    }

    /** What the run has reached, if it has ended. */
    public Optional<Result> result() {
        return Files.exists(folder.resolve("result.json"))
                ? RunDirectory.existing(folder).readResult()
                : Optional.empty();
    }

    /** Runs, goes on with a run that was interrupted, or returns what one that ended has reached. */
    public Result run(RunConfig config, Work work) {
        return result().orElseGet(() -> {
            boolean begun = Files.exists(folder.resolve("config.json"));
            RunDirectory.Mode mode = begun ? RunDirectory.Mode.RESUME : RunDirectory.Mode.NEW;
            try (RunDirectory directory = RunDirectory.open(folder, mode)) {
                return record(directory, config, listener, work);
            }
        });
    }

    /** Runs in a folder that is open, and writes its files. */
    public static Result record(RunDirectory directory, RunConfig config, SearchListener listener, Work work) {
        directory.writeJson(directory.config(), config);
        Result result;
        try (MetricsLog log = MetricsLog.open(directory.metrics())) {
            result = work.run(directory, log.andThen(listener));
        }
        // The result says that the run has ended, so it is last: nothing would write the report later.
        RunReport.write(directory, result);
        directory.writeJson(directory.result(), result);
        return result;
    }
}
