package io.udc.search.cli;

import io.udc.InputException;
import io.udc.search.model.ModelFile;
import io.udc.tflite.TfliteExport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code udc export}. */
@Command(
        name = "export",
        description = "Write a model's integer network for other tools: int8 operators with the model's own integers.",
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

    /** What can be written. */
    private enum Format {
        TFLITE
    }

    private final Console console;

    @Option(names = "--model", paramLabel = "FILE", required = true, description = "A .udc file.")
    private Path model;

    @Option(names = "--format", paramLabel = "NAME", defaultValue = "tflite",
            description = "tflite (default).")
    private Format format;

    @Parameters(paramLabel = "OUT", description = "The file to write.")
    private Path out;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    /**
     * The JSON.
     *
     * @param deviatingChannels output channels whose factor no float32 scale gives
     * @param deviatingAccumulators accumulator values of them that come out one step apart
     */
    private record Printed(
            String file, String format, long bytes, int deviatingChannels, long deviatingAccumulators) {}

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        TfliteExport export = export();
        export.write(out);
        Printed printed = new Printed(out.toString(), format.name().toLowerCase(Locale.ROOT), export.bytes().length,
                export.deviatingChannels(), export.deviatingAccumulators());
        if (json) {
            console.json(printed);
            return ExitCode.DONE;
        }
        console.result(String.format(Locale.ROOT, "%s: %,d bytes, %s", out, printed.bytes,
                printed.deviatingChannels == 0
                        ? "every factor exact"
                        : String.format(Locale.ROOT, "%,d channels with factors that no float32 scale gives: %,d of "
                                + "their accumulator values come out one step apart",
                                printed.deviatingChannels, printed.deviatingAccumulators)));
        return ExitCode.DONE;
    }

    private TfliteExport export() {
        try {
            return TfliteExport.of(ModelFile.read(model).decoded());
        } catch (IllegalArgumentException e) {
            throw new InputException(model + ": " + e.getMessage(), e);
        }
    }
}
