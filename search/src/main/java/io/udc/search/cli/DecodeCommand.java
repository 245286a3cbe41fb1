package io.udc.search.cli;

import io.udc.InputException;
import io.udc.files.WholeFile;
import io.udc.npu.WeightCodec;
import io.udc.npu.WeightType;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code udc decode}. */
@Command(
        name = "decode",
        description = "Decode an Ethos-U weight stream to integers: two bytes each, signed, the low byte first.",
        mixinStandardHelpOptions = true)
final class DecodeCommand implements Callable<Integer> {

    private static final int USUAL_LIMIT = 1 << 27;

    private final Console console;

    @Parameters(paramLabel = "IN.mlw", description = "One weight stream, or several one after the other.")
    private Path in;

    @Parameters(paramLabel = "OUT.bin", description = "The weights in the order of the stream.")
    private Path out;

    @Option(names = "--limit", paramLabel = "N", description = "Most weights to accept (default: 134217728).")
    private int limit = USUAL_LIMIT;

    @Option(names = "--json", description = "Print sizes and time as JSON on standard output.")
    private boolean json;

    DecodeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new InputException("--limit: found " + limit + ", expected at least 1");
        }
        byte[] stream = WholeFile.read(in);
        if (stream.length == 0) {
            throw new InputException(in + ": found no bytes, expected a weight stream");
        }
        long start = System.nanoTime();
        short[] weights = decode(stream);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (weights.length == 0) {
            throw new InputException(in + ": found no weights, expected at least one");
        }
        WholeFile.write(out, WeightType.toInt16(weights));
        CodecResult result = CodecResult.of(weights, stream.length, seconds);
        if (json) {
            console.json(result);
        } else {
            console.result(result.line());
        }
        return ExitCode.DONE;
    }

    private short[] decode(byte[] stream) {
        try {
            return WeightCodec.decode(stream, limit);
        } catch (InputException e) {
            throw new InputException(in + ": " + e.getMessage(), e);
        }
    }
}
