package io.udc.search.cli;

import io.udc.device.Devices;
import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.config.RunConfig;
import io.udc.search.run.RunDirectory;
import io.udc.search.sweep.Front;
import io.udc.search.sweep.Sweep;
import io.udc.search.sweep.SweepPlan;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a command that makes a sweep does around it; {@link RunSession} for many runs. */
final class SweepSession {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private RunOptions folder = new RunOptions();

    @Option(names = "--json", description = "Print front.json on standard output.")
    private boolean json;

    /** What is to be run. */
    @FunctionalInterface
    interface Planner {

        /**
         * Makes the plan.
         *
         * @param before the plan of the folder that is resumed; null for a new one
         */
        SweepPlan plan(RunConfig config, SweepPlan before);
    }

    int execute(Console console, Planner planner) {
        RunConfig resolved = folder.resolve(config);
        SweepPlan plan = planner.plan(resolved, folder.isResume() ? Sweep.planOf(folder.resumed()) : null);
        Devices.require(resolved.device());
        try (RunDirectory directory = folder.open(resolved)) {
            directory.writeJson(directory.config(), resolved);
            show(console, directory, run(console, resolved, plan, directory));
        }
        return ExitCode.DONE;
    }

    private Front run(Console console, RunConfig config, SweepPlan plan, RunDirectory directory) {
        Cancellation cancellation = new Cancellation();
        try (Interrupts interrupts = Interrupts.handle(console, cancellation);
                ProgressDisplay progress = new ProgressDisplay(console)) {
            return new Sweep(config, plan, directory, Version.current(), progress, cancellation).run();
        } catch (CancelledException e) {
            throw RunOptions.stopped(command, directory, e);
        }
    }

    private void show(Console console, RunDirectory directory, Front front) {
        console.result(front, new FrontTable(front).toString(), json);
        console.line("folder: " + directory.folder());
        console.line("report: " + directory.report());
    }
}
