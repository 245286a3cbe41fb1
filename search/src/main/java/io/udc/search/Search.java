package io.udc.search;

import io.udc.device.Devices;
import io.udc.format.UdcFile;
import io.udc.npu.NpuConfig;
import io.udc.search.config.RunConfig;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import io.udc.search.space.SpaceGraph;
import io.udc.search.task.SearchTask;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The whole way from pictures to a bitstream: search, training, encoding, and the uniform networks of the same size
 * beside it.
 *
 * <pre>{@code
 * RunConfig config = RunConfig.builder(Task.SHAPES, "quick").set("budget", "12KiB").build();
 * Result result = Search.builder(config).optListener(event -> System.err.println(event)).build()
 *         .run(RunDirectory.open(Path.of("runs/first"), RunDirectory.Mode.NEW));
 * }</pre>
 *
 * <p>On the CPU the same configuration gives the same architecture and the same bytes. Immutable.
 */
public final class Search {

    private final RunConfig config;
    private final SearchListener listener;
    private final Cancellation cancellation;
    private final Path warmup;

    private Search(Builder builder) {
        config = builder.config;
        listener = builder.listener;
        cancellation = builder.cancellation;
        warmup = builder.warmup;
    }

    public static Builder builder(RunConfig config) {
        return new Builder(config);
    }

    /**
     * Runs, and writes architecture.json, model.udc and checkpoints into the folder.
     *
     * @throws io.udc.InputException if the device, the data, the space or a budget cannot be used; before any training
     * @throws CancelledException if a stop was requested; a checkpoint is in the folder then
     */
    public Result run(RunDirectory directory) {
        Devices.use(config.device(), config.threads());
        SearchTask task = SearchTask.open(config);
        NpuConfig npu = NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode());
        SpaceGraph graph = task.graph(config);
        RunState state = new RunState(directory.checkpoints());
        state.restore(listener);
        Pipeline pipeline = new Pipeline(toolVersion(), config, task, npu, graph, state, listener, cancellation,
                warmup);
        pipeline.search();
        directory.writeJson(directory.architecture(), state.architecture());
        Pipeline.Encoded found = pipeline.trainFound();
        // Training changes how well weights compress, so zeros and bits may have been set anew.
        directory.writeJson(directory.architecture(), found.file().encoded().architecture());
        UdcFile.write(directory.model(), found.file().encoded());
        return pipeline.result(found);
    }

    private static String toolVersion() {
        return Objects.requireNonNullElse(Search.class.getPackage().getImplementationVersion(), "development");
    }

    /** Collects what a search needs. */
    public static final class Builder {

        private final RunConfig config;
        private SearchListener listener = SearchListener.silent();
        private Cancellation cancellation = new Cancellation();
        private Path warmup;

        private Builder(RunConfig config) {
            this.config = config;
        }

        /** Who hears of progress; nobody when left out. */
        public Builder optListener(SearchListener chosen) {
            listener = chosen;
            return this;
        }

        /** How to stop the search from another thread. */
        public Builder optCancellation(Cancellation chosen) {
            cancellation = chosen;
            return this;
        }

        /**
         * A file with the supernet's state after the warm-up epochs, which no limit has influenced. If it is there,
         * the search starts from it; otherwise the search leaves it there. Only for runs that differ in nothing but
         * their limits.
         */
        public Builder optWarmup(Path chosen) {
            warmup = chosen;
            return this;
        }

        public Search build() {
            return new Search(this);
        }
    }
}
