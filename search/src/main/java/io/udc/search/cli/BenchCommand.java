package io.udc.search.cli;

import io.udc.files.WholeFile;
import io.udc.search.bench.CodecBench;
import io.udc.search.bench.CodecTiming;
import io.udc.search.bench.ExecutorTiming;
import io.udc.search.bench.KernelBench;
import io.udc.search.bench.KernelTiming;
import io.udc.search.bench.ResizeBench;
import io.udc.search.bench.ResizeTiming;
import io.udc.search.bench.RunBench;
import io.udc.search.bench.StepBench;
import io.udc.search.bench.StepCheck;
import io.udc.search.bench.StepTiming;
import io.udc.search.config.RunConfig;
import io.udc.search.model.ModelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code udc bench}: this program beside what it replaces, on this machine. */
@Command(
        name = "bench",
        description = "Measure side by side with what is replaced, on this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "WHAT")
final class BenchCommand implements Runnable {

    private final Console console;

    @Spec
    private CommandSpec spec;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "nothing to measure given, expected kernels, step, codec, run or resize");
    }

    @Command(
            name = "kernels",
            description = "Weight mixing, quantization and thresholds beside the same composed of libtorch operations.",
            mixinStandardHelpOptions = true)
    int kernels(@Option(names = "--json", description = "Print the rows as JSON on standard output.") boolean json) {
        List<KernelTiming> rows = KernelBench.run(
                row -> console.line(row.kernel() + ", " + row.weights() + " weights"));
        if (json) {
            console.json(rows);
        } else {
            show(table(rows));
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "step",
            description = "One step of a search beside one of float training of the widest network of its space.",
            mixinStandardHelpOptions = true)
    int step(
            @Mixin ConfigOptions config,
            @Option(names = "--batch", paramLabel = "N", defaultValue = "128",
                    description = "Pictures a step (default: ${DEFAULT-VALUE}).")
                    int batch,
            @Option(names = "--check",
                    description = "Compare the losses of the first 50 steps of two searches first: on the CPU bit "
                            + "for bit, or of one on the CPU and one on --device to 3%%.")
                    boolean check,
            @Option(names = "--json", description = "Print the figures as JSON on standard output.") boolean json) {
        RunConfig run = config.resolve(builder -> StepBench.configure(builder, batch));
        if (check) {
            console.line(StepCheck.run(config.resolve(builder -> StepCheck.configure(builder, batch))));
        }
        StepTiming timing = StepBench.run(run, console::line);
        if (json) {
            console.json(timing);
        } else {
            show(table(timing));
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "codec",
            description = "Encoder and decoder of weight streams on one thread, beside Vela's.",
            mixinStandardHelpOptions = true)
    int codec(
            @Option(names = "--vectors", paramLabel = "DIR",
                    description = "Reference streams with their index.json: sizes beside Vela's.")
                    Path vectors,
            @Option(names = "--json", description = "Print the rows as JSON on standard output.") boolean json) {
        List<CodecTiming> rows = CodecBench.run(vectors, row -> console.line(row.name()));
        if (json) {
            console.json(rows);
        } else {
            show(new CodecTable(rows));
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "run",
            description = "The executor for embedding beside TensorFlow Lite on the exported file of the same network.",
            mixinStandardHelpOptions = true)
    int executors(
            @Option(names = "--model", paramLabel = "FILE",
                    description = "A .udc file; without it, a classifier and an upscaler with random weights.")
                    Path model,
            @Option(names = "--json", description = "Print the rows as JSON on standard output.") boolean json) {
        Consumer<ExecutorTiming> progress = row -> console.line(row.network() + ", " + row.executor());
        List<ExecutorTiming> rows = new ArrayList<>();
        if (model != null) {
            rows.addAll(RunBench.run(ModelFile.read(model).decoded(), WholeFile.read(model), progress));
        } else {
            RunBench.networks().forEach(network -> rows.addAll(RunBench.run(network, progress)));
        }
        if (json) {
            console.json(rows);
            return ExitCode.DONE;
        }
        Table table = new Table("network", "executor", "M MACs", "pictures/s, 1 thread", "pictures/s, all threads",
                "open + first ms", "session KiB", "other values");
        for (ExecutorTiming row : rows) {
            table.row(row.network(), row.executor(), number(row.macs() / 1e6),
                    String.format(Locale.ROOT, "%,.1f", row.picturesPerSecond()),
                    String.format(Locale.ROOT, "%,.1f (%d)", row.picturesPerSecondAll(), row.threads()),
                    number(row.firstPictureMilliseconds()),
                    row.sessionBytes() < 0 ? "" : String.format(Locale.ROOT, "%,d", row.sessionBytes() / 1024),
                    String.format(Locale.ROOT, "%.3f%%", 100 * row.differingValues()));
        }
        show(table);
        return ExitCode.DONE;
    }

    @Command(
            name = "resize",
            description = "The reduction of pictures that agrees with MATLAB's imresize, beside OpenCV's INTER_CUBIC.",
            mixinStandardHelpOptions = true)
    int resize(@Option(names = "--json", description = "Print the rows as JSON on standard output.") boolean json) {
        List<ResizeTiming> rows = ResizeBench.run(row -> console.line("scale " + row.scale()));
        if (json) {
            console.json(rows);
            return ExitCode.DONE;
        }
        Table table = new Table("scale", "megapixels/s", "OpenCV INTER_CUBIC");
        rows.forEach(row -> table.row(Integer.toString(row.scale()), number(row.megapixelsPerSecond()),
                number(row.opencvMegapixelsPerSecond())));
        show(table);
        return ExitCode.DONE;
    }

    /** Behind a blank line below the progress, which goes elsewhere. */
    private void show(Object table) {
        console.line("");
        console.result(table.toString());
    }

    private static Table table(StepTiming timing) {
        Table table = new Table("device", "search step ms", "float step ms", "ratio", "libtorch alone ms", "images/s",
                "data wait", "host step ms", "GPU busy");
        table.row(timing.device(), number(timing.searchStepMs()), number(timing.floatStepMs()),
                number(timing.ratio()), number(timing.libtorchStepMs()),
                number(timing.imagesPerSecond()), percent(timing.dataWaitShare()),
                timing.hostStepMs() == null ? "" : number(timing.hostStepMs()),
                timing.gpuBusyShare() == null ? "" : percent(timing.gpuBusyShare()));
        return table;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * share);
    }

    private static Table table(List<KernelTiming> rows) {
        Table table = new Table("kernel", "device", "weights", "tensors", "ns/weight", "composed", "times faster",
                "plain copy", "relative error");
        for (KernelTiming row : rows) {
            table.row(row.kernel(), row.device(), String.format(Locale.ROOT, "%,d", row.weights()),
                    Integer.toString(row.tensors()), number(row.nsPerWeight()), number(row.compositionNsPerWeight()),
                    number(row.compositionNsPerWeight() / row.nsPerWeight()), number(row.copyNsPerWeight()),
                    String.format(Locale.ROOT, "%.1e", row.relativeError()));
        }
        return table;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
