package io.udc.search.cli;

import io.udc.search.report.RunReport;
import io.udc.search.run.RunDirectory;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code udc report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Write report.html into a run directory: charts, layers, comparison; one file, no scripts.")
final class ReportCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(paramLabel = "RUN_DIR", description = "Folder of a search or training, finished or not.")
    private Path folder;

    ReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        RunDirectory run = RunDirectory.existing(folder);
        RunReport.write(run);
        console.result("wrote " + run.report());
        return ExitCode.DONE;
    }
}
