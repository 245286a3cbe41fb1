package io.udc.search.cli;

import io.udc.InputException;
import io.udc.npu.BackendEncoder;
import io.udc.npu.BlockChoice;
import io.udc.npu.Hwc;
import io.udc.npu.LayerRecord;
import io.udc.npu.LayerReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code udc estimate}. */
@Command(
        name = "estimate",
        description = "Estimate what layers or a network cost on an NPU: block, slices, bytes and cycles, as Vela does.",
        mixinStandardHelpOptions = true)
final class EstimateCommand implements Callable<Integer> {

    private final Console console;

    @ArgGroup(multiplicity = "1")
    private Source source;

    @Mixin
    private NpuOptions npu = new NpuOptions();

    @Option(names = "--given-sizes",
            description = "Take the encoded sizes from each record's ops[0], instead of encoding its weights.")
    private boolean givenSizes;

    @Option(names = "--fewest-cycles",
            description = "Choose each block by its estimated cycles, not by Vela's rule.")
    private boolean fewestCycles;

    @Option(names = "--json", description = "Print the list as JSON on standard output.")
    private boolean json;

    private static final class Source {

        @Option(names = "--layers", paramLabel = "FILE", description = "JSON list of layer records.")
        private Path layers;

        @Option(names = "--layer", paramLabel = "FILE",
                description = "One layer record; --npu may stand in for its own.")
        private Path layer;

        @Option(names = "--arch", paramLabel = "FILE",
                description = "A network: architecture.json, sized with random weights, or as NETWORK.")
        private Path architecture;

        @Parameters(paramLabel = "NETWORK", description = "A network: model.udc or an int8 .tflite of anybody.")
        private Path network;

        private Path anyNetwork() {
            return network == null ? architecture : network;
        }
    }

    EstimateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        BlockChoice choice = fewestCycles ? BlockChoice.FEWEST_CYCLES : BlockChoice.VELA;
        if (source.anyNetwork() != null) {
            if (givenSizes) {
                throw new InputException("--given-sizes: found a network too, expected layer records");
            }
            return new NetworkEstimator(console, npu, choice).run(source.anyNetwork(), json);
        }
        LayerReport.Encoder encoder = givenSizes ? null : new BackendEncoder(BackendEncoder.Effort.BEST);
        List<LayerReport> reports;
        if (source.layer != null) {
            LayerRecord one = LayerRecord.read(source.layer);
            reports = List.of(LayerReport.estimate(one, encoder, npu.resolveFor(one), choice));
        } else {
            reports = LayerReport.estimate(LayerRecord.readAll(source.layers), encoder, npu.resolve(), choice);
        }
        if (json) {
            console.json(source.layer != null ? reports.get(0) : reports);
        } else {
            console.result(table(reports).toString());
        }
        return ExitCode.DONE;
    }

    static String block(Hwc block) {
        return block.height() + "x" + block.width() + "x" + block.depth();
    }

    private static Table table(List<LayerReport> reports) {
        Table table = new Table("layer", "block", "slices", "encoded", "original", "NPU cycles", "total cycles");
        for (LayerReport report : reports) {
            table.row(report.name(), block(report.ofmBlock()),
                    Integer.toString(Math.max(0, report.depthSlices().size() - 1)),
                    String.format(Locale.ROOT, "%,d", report.encodedBytes()),
                    String.format(Locale.ROOT, "%,d", report.originalBytes()),
                    String.format(Locale.ROOT, "%,.0f", report.cycles().npu()),
                    String.format(Locale.ROOT, "%,.0f", report.cycles().total()));
        }
        return table;
    }
}
