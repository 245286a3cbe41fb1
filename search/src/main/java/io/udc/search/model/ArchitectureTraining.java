package io.udc.search.model;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.device.Devices;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.json.Json;
import io.udc.npu.EthosLayerCodec;
import io.udc.npu.NpuConfig;
import io.udc.search.Cancellation;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.run.Result;
import io.udc.search.run.RunDirectory;
import io.udc.search.task.SearchTask;
import io.udc.search.train.TrainedNetwork;
import io.udc.search.train.Trainer;
import io.udc.search.train.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Trains one given architecture from the start and encodes it: architecture.json to model.udc. A checkpoint
 * is taken after every epoch. The limits of the configuration do not matter here.
 */
public final class ArchitectureTraining {

    private static final String STATE = "training.safetensors";
    private static final String ELAPSED = "elapsed.json";

    private final RunConfig config;
    private final RunDirectory run;
    private final String toolVersion;
    private final long start = System.nanoTime();

    /** @param toolVersion goes into the file */
    public ArchitectureTraining(RunConfig config, RunDirectory run, String toolVersion) {
        this.config = config;
        this.run = run;
        this.toolVersion = toolVersion;
    }

    private record Elapsed(double seconds) {}

    private record Saved(TrainingState state, double seconds) {}

    /**
     * Trains, or goes on from the folder's last checkpoint, and writes architecture.json and model.udc.
     *
     * @throws InputException if the architecture does not fit the data set, or is not that of the checkpoint
     * @throws io.udc.search.CancelledException if a stop was requested
     */
    public Result train(Architecture architecture, SearchListener listener, Cancellation cancellation) {
        Devices.use(config.device(), config.threads());
        SearchTask task = SearchTask.open(config);
        NpuConfig npu = NpuConfig.parse(config.npu(), config.systemConfig(), config.memoryMode());
        check(architecture, task);
        run.writeJson(run.architecture(), architecture);
        Optional<Saved> saved = run.checkpoints().restore(ArchitectureTraining::read, listener);
        double before = saved.map(Saved::seconds).orElse(0.0);
        Trainer trainer = Trainer.builder(task, config.training())
                .optDevice(config.device())
                .optPrecision(config.precision())
                .optSeed(config.seed())
                .optListener(listener)
                .optCancellation(cancellation)
                .optCheckpoints(state -> save(state, before))
                .build();
        TrainedNetwork trained = saved.isPresent()
                ? trainer.resume(architecture, saved.get().state())
                : trainer.train(architecture, task.initial(architecture, config.seed()));
        UdcFile.write(run.model(), UdcModel.encode(toolVersion, task.name(), task.classNames(),
                trained.model(), new EthosLayerCodec(npu)));
        ModelFile model = ModelFile.read(run.model());
        return Results.of(config, task.metric(), model, task.evaluate(model.decoded()), trained.quantizedMetric(),
                        seconds(before), null, List.of())
                .withoutLimits();
    }

    private static void check(Architecture architecture, SearchTask task) {
        try {
            task.check(architecture);
        } catch (InputException e) {
            throw new InputException("--arch: " + e.getMessage(), e);
        }
    }

    private void save(TrainingState state, double before) {
        run.checkpoints().save(generation -> {
            state.write(generation.resolve(STATE));
            Files.writeString(generation.resolve(ELAPSED), Json.text(new Elapsed(seconds(before))));
        });
    }

    private static Saved read(Path generation) {
        return new Saved(TrainingState.read(generation.resolve(STATE)),
                Json.read(generation.resolve(ELAPSED), Elapsed.class).seconds());
    }

    private double seconds(double before) {
        return before + (System.nanoTime() - start) / 1e9;
    }
}
