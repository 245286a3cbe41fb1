package io.udc.search.cli;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.files.WholeFile;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.search.model.ModelFile;
import io.udc.search.model.ModelSummary;
import io.udc.tflite.TfliteFile;
import io.udc.units.ByteSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code udc inspect}. */
@Command(
        name = "inspect",
        description = {
            "Decode a model and show its layers, their bits, zeros and encoded bytes.",
            "Of a .tflite file, show the operators and their weights."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(paramLabel = "MODEL", description = "A .udc or .tflite file.")
    private Path file;

    @Option(names = "--json", description = "Print it as JSON on standard output.")
    private boolean json;

    /** The JSON. */
    private record Printed(
            String name,
            String task,
            String npu,
            String toolVersion,
            List<Integer> input,
            List<String> classNames,
            long macs,
            ModelSummary model) {}

    InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        byte[] content = WholeFile.read(file);
        if (TfliteFile.isTflite(content)) {
            new TfliteInspector(console).run(TfliteFile.parse(content, file.toString()), json);
            return ExitCode.DONE;
        }
        if (!UdcFile.isUdc(content)) {
            throw new InputException(file + ": neither a .udc nor a .tflite file");
        }
        ModelFile model = ModelFile.read(file);
        UdcModel encoded = model.encoded();
        ModelSummary summary = ModelSummary.of(model);
        Shape input = encoded.architecture().input();
        if (json) {
            console.json(new Printed(encoded.architecture().name(), encoded.task(), encoded.npu(),
                    encoded.toolVersion(), List.of(input.channels(), input.height(), input.width()),
                    encoded.classNames(), encoded.architecture().macs(), summary));
            return ExitCode.DONE;
        }
        console.result(table(summary).toString());
        console.result("");
        console.result(String.format(Locale.ROOT, "network: '%s' for %s, picture %dx%dx%d, %s, %,d MACs",
                encoded.architecture().name(), encoded.task(), input.channels(), input.height(), input.width(),
                answer(encoded), encoded.architecture().macs()));
        console.result(String.format(Locale.ROOT, "weights: %,d in %s (%.3f bits each); closed form %s, entropy %s",
                summary.weights(), ByteSize.display(summary.encodedBytes()),
                summary.encodedBytes() * 8.0 / summary.weights(), ByteSize.display(summary.closedFormBytes()),
                ByteSize.display(summary.entropyBytes())));
        console.result("encoded: for " + encoded.npu() + " by udc " + encoded.toolVersion());
        return ExitCode.DONE;
    }

    private static String answer(UdcModel encoded) {
        OptionalInt scale = encoded.architecture().upscaling();
        return scale.isPresent() ? "enlarged by " + scale.getAsInt() : encoded.classNames().size() + " classes";
    }

    private static Table table(ModelSummary summary) {
        Table table = new Table("layer", "operator", "channels", "bits", "zeros", "weights", "encoded",
                "bits/weight", "entropy");
        for (ModelSummary.Layer layer : summary.layers()) {
            table.row(
                    layer.name(),
                    layer.operator(),
                    layer.inChannels() + " to " + layer.outChannels(),
                    Integer.toString(layer.bits()),
                    String.format(Locale.ROOT, "%.1f%%", 100 * layer.sparsity()),
                    String.format(Locale.ROOT, "%,d", layer.weights()),
                    String.format(Locale.ROOT, "%,d", layer.encodedBytes()),
                    String.format(Locale.ROOT, "%.3f", layer.bitsPerWeight()),
                    String.format(Locale.ROOT, "%.3f", layer.entropyBitsPerWeight()));
        }
        return table;
    }
}
