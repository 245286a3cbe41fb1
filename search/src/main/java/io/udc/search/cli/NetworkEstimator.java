package io.udc.search.cli;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.files.WholeFile;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.json.Json;
import io.udc.npu.BlockChoice;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.model.ModelFile;
import io.udc.search.model.NetworkReport;
import io.udc.search.model.TfliteReport;
import io.udc.search.train.EncodedSize;
import io.udc.search.train.NetworkParameters;
import io.udc.tflite.NpuNetwork;
import io.udc.tflite.TfliteFile;
import io.udc.units.ByteSize;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code udc estimate} of a network: an architecture, an encoded file or a TFLite file. */
final class NetworkEstimator {

    private static final long SEED = 1;

    /**
     * The JSON.
     *
     * @param weights where they are from
     * @param partial whether operators are missing in the network's sums
     * @param uncovered those operators
     */
    private record Printed(
            String weights, NetworkReport network, boolean partial, List<NpuNetwork.Uncovered> uncovered) {

        Printed(String weights, NetworkReport network) {
            this(weights, network, false, List.of());
        }
    }

    private final Console console;
    private final NpuOptions npu;
    private final BlockChoice choice;

    NetworkEstimator(Console console, NpuOptions npu, BlockChoice choice) {
        this.console = console;
        this.npu = npu;
        this.choice = choice;
    }

    int run(Path file, boolean json) {
        byte[] content = WholeFile.read(file);
        Printed printed = TfliteFile.isTflite(content)
                ? ofTflite(file, content)
                : UdcFile.isUdc(content) ? ofModel(file) : ofArchitecture(file, content);
        if (json) {
            console.json(printed);
        } else {
            print(printed);
        }
        return ExitCode.DONE;
    }

    private Printed ofModel(Path file) {
        ModelFile model = ModelFile.read(file);
        NpuConfig config = npu.resolveOr(model.encoded().npu());
        UdcModel encoded = model.encoded();
        boolean other = !encoded.npu().equals(config.accelerator().toString());
        if (other) {
            encoded = UdcModel.encode(encoded.toolVersion(), encoded.task(), encoded.classNames(), model.decoded(),
                    new EthosLayerCodec(config));
        }
        Map<String, Long> bytes = encoded.layerBytes();
        return new Printed(other ? "of the model, encoded anew for this NPU" : "of the model",
                NetworkReport.of(encoded.architecture(), bytes, config, choice));
    }

    private Printed ofTflite(Path file, byte[] content) {
        try {
            TfliteReport report =
                    TfliteReport.of(TfliteFile.parse(content, file.toString()), npu.resolve(), choice);
            return new Printed("of the file, encoded for this NPU",
                    report.network(), report.partial(), report.uncovered());
        } catch (InputException e) {
            throw e.getMessage().startsWith(file + ":") ? e : new InputException(file + ": " + e.getMessage(), e);
        }
    }

    private Printed ofArchitecture(Path file, byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        if (!text.stripLeading().startsWith("{")) {
            throw new InputException(file + ": neither a .udc nor a .tflite file, nor the JSON of an architecture");
        }
        Architecture architecture = Json.parse(text, Architecture.class, file.toString());
        NpuConfig config = npu.resolve();
        Map<String, Long> bytes = EncodedSize.layers(
                architecture, NetworkParameters.random(architecture, SEED), new EthosLayerCodec(config));
        return new Printed("random, pruned and quantized as the architecture says",
                NetworkReport.of(architecture, bytes, config, choice));
    }

    private void print(Printed printed) {
        NetworkReport network = printed.network;
        Table table = new Table("layer", "operator", "block", "encoded", "cycles", "ms", "SRAM");
        for (NetworkReport.Layer layer : network.layers()) {
            table.row(
                    layer.name(),
                    layer.operator(),
                    EstimateCommand.block(layer.ofmBlock()),
                    whole(layer.encodedBytes()),
                    whole(layer.cycles().total()),
                    String.format(Locale.ROOT, "%.4f", layer.milliseconds()),
                    whole(layer.sramBytes()));
        }
        console.result(table.toString());
        console.result("");
        console.result("weights: " + printed.weights);
        for (NpuNetwork.Uncovered missing : printed.uncovered) {
            console.result("not covered: operator " + missing.position() + ", " + missing.operator() + ": "
                    + missing.reason());
        }
        console.result(String.format(Locale.ROOT, "%son %s (%s, %s): %s encoded, %s cycles, %.3f ms, peak SRAM %s",
                printed.partial ? "PARTIAL, " + printed.uncovered.size() + " not covered, " : "",
                network.npu(), network.systemConfig(), network.memoryMode(),
                ByteSize.display(network.encodedBytes()), whole(network.cycles().total()), network.milliseconds(),
                ByteSize.display(network.peakSramBytes())));
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }
}
