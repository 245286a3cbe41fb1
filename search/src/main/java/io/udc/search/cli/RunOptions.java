package io.udc.search.cli;

import io.udc.InputException;
import io.udc.search.CancelledException;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import io.udc.search.run.RunDirectory.Mode;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Where a run leaves its files, and what may happen to those that are there. */
final class RunOptions {

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Option(names = "--out", paramLabel = "DIR",
            description = "Folder of the run (default: runs/TASK-BUDGET-PRESET-sSEED-TIME).")
    private Path out;

    @Option(names = "--resume", description = "Go on with the run in --out from its last checkpoint.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace the run in --out.")
    private boolean overwrite;

    boolean isResume() {
        return resume;
    }

    /** The folder of a run that goes on. */
    RunDirectory resumed() {
        if (out == null) {
            throw new InputException("--resume: found no --out, expected the folder of the run");
        }
        return RunDirectory.existing(out);
    }

    /** Reads what the run is, and opens its folder, which then is known to be writable. */
    RunDirectory open(RunConfig config) {
        return RunDirectory.open(out == null ? defaultFolder(config) : out, mode());
    }

    /** What a run that was stopped is told to leave, in the place of the bare exception. */
    static CancelledException stopped(CommandSpec command, RunDirectory run, CancelledException cause) {
        return new CancelledException(run.isFruitful()
                ? "stopped; '" + command.qualifiedName() + " --resume --out " + run.folder() + "' goes on"
                : "stopped before the first checkpoint; nothing was kept", cause);
    }

    /** Resolves the run's values: those of the folder that is resumed, or those of the flags. */
    RunConfig resolve(ConfigOptions flags) {
        if (resume && overwrite) {
            throw new InputException("--resume: found --overwrite too, expected one of them");
        }
        if (!resume) {
            return flags.resolve();
        }
        Path saved = resumed().config();
        RunConfig before = RunConfig.read(saved);
        RunConfig now = flags.resolveOver(saved);
        before.differences(now).stream().findFirst().ifPresent(difference -> {
            throw new InputException(saved + ": " + difference + "; a run that is resumed keeps its values");
        });
        return now;
    }

    private Mode mode() {
        if (resume) {
            return Mode.RESUME;
        }
        return overwrite ? Mode.OVERWRITE : Mode.NEW;
    }

    private static Path defaultFolder(RunConfig config) {
        String limit = config.budget() != null ? config.budget().toString()
                : config.maxLatency() != null ? config.maxLatency().toString() : config.maxSram().toString();
        return Path.of("runs", String.join("-", config.task().toString(), limit, config.preset(),
                "s" + config.seed(), LocalDateTime.now().format(STAMP)));
    }
}
