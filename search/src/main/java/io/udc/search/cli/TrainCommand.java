package io.udc.search.cli;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.json.Json;
import io.udc.search.model.ArchitectureTraining;
import io.udc.search.run.RunDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code udc train}. */
@Command(
        name = "train",
        description = {
            "Train a given architecture and encode it.",
            "The architecture says how large the network is: --budget, --max-latency and --max-sram do not change it, and "
                    + "are only noted in config.json and in the default of --out."
        },
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--arch", paramLabel = "FILE",
            description = "architecture.json, such as a search leaves; not needed with --resume.")
    private Path file;

    @Mixin
    private RunSession session = new RunSession();

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (file == null && !session.isResume()) {
            throw new InputException("--arch: found none, expected an architecture.json");
        }
        Architecture given = file == null ? null : Json.read(file, Architecture.class);
        return session.execute(console, (config, run, listener, cancellation) ->
                new ArchitectureTraining(config, run, Version.current())
                        .train(architecture(given, run), listener, cancellation));
    }

    /** The architecture of the command, or of the run that goes on. */
    private Architecture architecture(Architecture given, RunDirectory run) {
        if (!session.isResume() || Files.notExists(run.architecture())) {
            if (given == null) {
                throw new InputException("--arch: found none, expected an architecture.json; the run has not begun");
            }
            return given;
        }
        Architecture before = Json.read(run.architecture(), Architecture.class);
        if (given != null && !given.equals(before)) {
            throw new InputException("--arch " + file + ": found another network than the run's "
                    + run.architecture().getFileName() + "; a run that is resumed keeps it");
        }
        return before;
    }
}
