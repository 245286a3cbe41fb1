package io.udc.search.cli;

import io.udc.search.doctor.Doctor;
import io.udc.search.doctor.Finding;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code udc doctor}. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Show versions, devices and native libraries, what is missing and what to do about it.",
            "The exit code is 0 if the program works on the CPU."
        })
final class DoctorCommand implements Callable<Integer> {

    private record Report(boolean healthy, List<Finding> findings) {}

    private final Console console;

    @Option(names = "--json", description = "Print the findings as JSON on standard output.")
    private boolean json;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Finding> findings =
                new Doctor(Version.current(), System.getProperty("udc.variant", "cpu")).examine();
        boolean healthy = Doctor.isHealthy(findings);
        if (json) {
            console.json(new Report(healthy, findings));
        } else {
            print(findings);
            console.result(healthy ? "\nThe program works on the CPU." : "\nThe program does not work on this machine.");
        }
        return healthy ? ExitCode.DONE : ExitCode.FAILED;
    }

    private void print(List<Finding> findings) {
        int width = findings.stream().mapToInt(finding -> finding.name().length()).max().orElse(0);
        String section = "";
        for (Finding finding : findings) {
            if (!finding.section().equals(section)) {
                console.result((section.isEmpty() ? "" : "\n") + finding.section());
                section = finding.section();
            }
            String status = finding.status().name().toLowerCase(Locale.ROOT);
            console.result(String.format(
                    Locale.ROOT, "  %-" + width + "s  %-6s  %s", finding.name(), status, finding.found()));
            if (!finding.advice().isEmpty()) {
                console.result(" ".repeat(width + 12) + finding.advice());
            }
        }
    }
}
