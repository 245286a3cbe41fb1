package io.udc.search.cli;

import io.udc.files.WholeFile;
import io.udc.npu.LayerFile;
import io.udc.npu.LayerTensor;
import io.udc.npu.WeightCodec;
import io.udc.npu.WeightType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code udc encode}. */
@Command(
        name = "encode",
        description = {
            "Encode weights as the stream that an Ethos-U NPU reads.",
            "IN holds integers in -255..255 in the order of the stream. With --layer they are brought into the "
                    + "NPU's order first; the streams of all slices and cores follow each other, with --tensor their "
                    + "scale records too."
        },
        customSynopsis = {
            "udc encode IN.bin OUT.mlw [--dtype TYPE] [--effort EFFORT] [--json]",
            "udc encode --layer FILE OUT.mlw [--tensor] [--npu NAME] [--effort EFFORT] [--json]"
        },
        mixinStandardHelpOptions = true)
final class EncodeCommand implements Callable<Integer> {

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..2", paramLabel = "FILE", description = "Weights and stream; only the stream with --layer.")
    private List<Path> files;

    @Option(names = "--layer", paramLabel = "FILE",
            description = "JSON of a layer: kind, outChannels, kernelHeight, kernelWidth, inChannels, npu, weights "
                    + "(file), dtype, ofmBlockDepth, depthSlices; or a record as for 'udc estimate'.")
    private Path layer;

    @Option(names = "--tensor", description = "With --layer: write the complete tensor, scale records included.")
    private boolean tensor;

    @Option(names = "--dtype", paramLabel = "TYPE", description = "int8 (default) or int16le.")
    private WeightType dtype;

    @Option(names = "--effort", paramLabel = "EFFORT", description = "fast or best (default).")
    private WeightCodec.Effort effort = WeightCodec.Effort.BEST;

    @Mixin
    private NpuOptions npu = new NpuOptions();

    @Option(names = "--json", description = "Print sizes and time as JSON on standard output.")
    private boolean json;

    EncodeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        int expected = layer == null ? 2 : 1;
        if (files.size() != expected) {
            throw new ParameterException(spec.commandLine(), "found " + files.size() + " files, expected "
                    + (layer == null ? "IN.bin and OUT.mlw" : "OUT.mlw alone with --layer"));
        }
        if (layer == null && tensor || layer != null && dtype != null) {
            throw new ParameterException(spec.commandLine(), layer == null
                    ? "--tensor: found no --layer, expected one"
                    : "--dtype: found --layer too, whose file says how its weights lie");
        }
        CodecResult result = layer == null ? encodeFlat(files.get(0), files.get(1)) : encodeLayer(files.get(0));
        if (json) {
            console.json(result);
        } else {
            console.result(result.line());
        }
        return ExitCode.DONE;
    }

    private CodecResult encodeFlat(Path in, Path out) {
        short[] weights = (dtype == null ? WeightType.INT8 : dtype).read(in);
        long start = System.nanoTime();
        byte[] stream = WeightCodec.encode(weights, effort);
        double seconds = (System.nanoTime() - start) / 1e9;
        WholeFile.write(out, stream);
        return CodecResult.of(weights, stream.length, seconds);
    }

    private CodecResult encodeLayer(Path out) {
        LayerFile source = LayerFile.read(layer, npu.resolve());
        long start = System.nanoTime();
        LayerTensor encoded = source.plan().encode(source.weights(), source.scales(), effort);
        double seconds = (System.nanoTime() - start) / 1e9;
        byte[] bytes = tensor ? encoded.bytes() : encoded.streams();
        WholeFile.write(out, bytes);
        return CodecResult.of(source.weights(), bytes.length, seconds)
                .withLayer(source.plan().ofmBlockDepth(), source.plan().depthSlices(), encoded.ranges());
    }
}
