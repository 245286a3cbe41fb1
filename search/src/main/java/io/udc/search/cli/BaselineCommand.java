package io.udc.search.cli;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.json.Json;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.UniformFit;
import io.udc.search.config.RunConfig;
import io.udc.search.model.ArchitectureTraining;
import io.udc.search.run.RunDirectory;
import io.udc.search.task.SearchTask;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code udc baseline}. */
@Command(
        name = "baseline",
        description = {
            "Train the uniform network of a size: the same bits and sparsity in every layer.",
            "It is scaled in width to the budget's encoded bytes, and trained by the same recipe as a found network and for "
                    + "as many epochs, the search's included."
        },
        mixinStandardHelpOptions = true)
final class BaselineCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--bits", required = true, paramLabel = "N", description = "Weight bits of every layer, 2 to 8.")
    private int bits;

    @Option(names = "--sparsity", defaultValue = "0", paramLabel = "S",
            description = "Share of pruned weights in every layer, 0 to below 1 (default: ${DEFAULT-VALUE}).")
    private double sparsity;

    @Mixin
    private RunSession session = new RunSession();

    BaselineCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Compression compression = compression();
        return session.execute(console, (config, run, listener, cancellation) ->
                new ArchitectureTraining(config.forUniform(), run, Version.current())
                        .train(architecture(config, run, compression), listener, cancellation));
    }

    private Compression compression() {
        try {
            return new Compression(bits, sparsity);
        } catch (IllegalArgumentException e) {
            throw new InputException("--" + e.getMessage(), e);
        }
    }

    private Architecture architecture(RunConfig config, RunDirectory run, Compression compression) {
        if (session.isResume() && Files.exists(run.architecture())) {
            return Json.read(run.architecture(), Architecture.class);
        }
        if (config.budget() == null) {
            throw new InputException("--budget: found none, expected the bytes that the network may take");
        }
        NpuConfig npu = NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode());
        return new UniformFit(SearchTask.open(config).graph(config), new EthosLayerCodec(npu), config.seed())
                .fit(compression, config.budget().bytes());
    }
}
