package io.udc.search.cli;

import io.udc.device.Devices;
import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.RecordedRun;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What every command that trains does around the training: it resolves the values, opens the run's folder, shows
 * progress, handles Ctrl-C, and ends with a result, a report and a table.
 */
final class RunSession {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private RunOptions folder = new RunOptions();

    @Option(names = "--json", description = "Print result.json on standard output.")
    private boolean json;

    /** The training itself. */
    @FunctionalInterface
    interface Pipeline {

        /**
         * Runs, or goes on from the folder's last checkpoint.
         *
         * @throws CancelledException after a checkpoint, if a stop was requested
         */
        Result run(RunConfig config, RunDirectory run, SearchListener listener, Cancellation cancellation);
    }

    /** Whether a run that is there goes on. */
    boolean isResume() {
        return folder.isResume();
    }

    int execute(Console console, Pipeline pipeline) {
        RunConfig resolved = folder.resolve(config);
        Devices.use(resolved.device(), resolved.threads());
        try (RunDirectory run = folder.open(resolved)) {
            show(console, run, train(console, pipeline, resolved, run));
        }
        return ExitCode.DONE;
    }

    private Result train(Console console, Pipeline pipeline, RunConfig config, RunDirectory run) {
        Cancellation cancellation = new Cancellation();
        try (Interrupts interrupts = Interrupts.handle(console, cancellation);
                ProgressDisplay progress = new ProgressDisplay(console)) {
            return RecordedRun.record(run, config, progress, (directory, events) ->
                    pipeline.run(config, directory, events, cancellation));
        } catch (CancelledException e) {
            throw RunOptions.stopped(command, run, e);
        }
    }

    private void show(Console console, RunDirectory run, Result result) {
        console.result(result, new ResultTable(result).toString(), json);
        console.line("run directory: " + run.folder());
        console.line("report:        " + run.report());
    }
}
