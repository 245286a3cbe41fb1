package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.arch.Activation;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.GlobalAveragePool;
import io.udc.arch.Shape;
import io.udc.json.Json;
import io.udc.search.Cancellation;
import io.udc.search.CancelledException;
import io.udc.search.SearchEvent.EpochDone;
import io.udc.search.SearchListener;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.model.ArchitectureTraining;
import io.udc.search.run.MetricsLog;
import io.udc.search.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

    private static final Architecture ARCHITECTURE = new Architecture("small", new Shape(3, 32, 32), List.of(
            new Convolution("stem", Architecture.INPUT, 8, 3, 3, Activation.RELU, new Compression(4, 0.5)),
            new GlobalAveragePool("pool", "stem"),
            new Dense("classes", "pool", 10, Activation.NONE, new Compression(8, 0))));

    private static final Object[] SHORT = {
        "--set", "dataOptions.shapesTrain=200", "--set", "dataOptions.shapesTest=100",
        "--set", "training.dense.epochs=1", "--set", "training.quantization.epochs=1",
        "--set", "training.distillation.epochs=1", "--seed", "5"
    };

    @TempDir
    Path folder;

    private final CliFixture udc = new CliFixture();

    @Test
    void trainLeavesARunThatEvaluateReproduces() throws IOException {
        Path out = folder.resolve("run");
        JsonNode result = udc.json(command("--out", out, "--arch", architecture()));
        assertEquals(result.path("metric"), udc.json("evaluate", "--model", out.resolve("model.udc")).path("metric"));
        assertEquals(2, result.path("layers").size());
        assertEquals(true, result.path("budgetBytes").isNull());
        for (String file : new String[] {"config.json", "architecture.json", "result.json", "report.html"}) {
            assertEquals(true, Files.exists(out.resolve(file)), file);
        }
        assertEquals(3, MetricsLog.read(out.resolve("metrics.jsonl")).size());
    }

    @Test
    void aTrainingHoldsTheThreadsThatItsRunMayUse() {
        RunConfig config = RunConfig.builder(Task.SHAPES, "quick")
                .set("dataOptions.shapesTrain", "200")
                .set("dataOptions.shapesTest", "100")
                .set("threads", "1")
                .build();
        Cancellation stopped = new Cancellation();
        stopped.request();
        RunDirectory run = RunDirectory.open(folder.resolve("one"), RunDirectory.Mode.NEW);
        int before = torch.get_num_threads();
        torch.set_num_threads(3);
        try {
            assertThrows(CancelledException.class, () -> new ArchitectureTraining(config, run, Version.current())
                    .train(ARCHITECTURE, SearchListener.silent(), stopped));
            assertEquals(1, torch.get_num_threads());
        } finally {
            torch.set_num_threads(before);
        }
    }

    @Test
    void aStoppedTrainingGoesOnToTheSameBytes() throws IOException {
        Path whole = folder.resolve("whole");
        udc.run(command("--out", whole, "--arch", architecture()));
        Path stopped = folder.resolve("stopped");
        RunDirectory run = RunDirectory.open(stopped, RunDirectory.Mode.NEW);
        Files.copy(whole.resolve("config.json"), run.config());
        Cancellation cancellation = new Cancellation();
        try (MetricsLog log = MetricsLog.open(run.metrics())) {
            assertThrows(CancelledException.class, () -> new ArchitectureTraining(
                            RunConfig.read(run.config()), run, Version.current())
                    .train(ARCHITECTURE, log.andThen(event -> {
                        if (event instanceof EpochDone) {
                            cancellation.request();
                        }
                    }), cancellation));
        }
        run.close();
        udc.run("train", "--resume", "--out", stopped);
        assertArrayEquals(Files.readAllBytes(whole.resolve("model.udc")), Files.readAllBytes(run.model()));
        assertEquals(3, MetricsLog.read(run.metrics()).size());
    }

    @Test
    void whatDoesNotFitIsSaidInOneLine() throws IOException {
        Path out = folder.resolve("run");
        udc.fails("--arch: found none, expected an architecture.json", "train");
        udc.fails("none.json: no such file", "train", "--arch", folder.resolve("none.json"));
        Path other = Files.writeString(folder.resolve("other.json"), Json.text(new Architecture("other",
                new Shape(3, 16, 16), List.of(new GlobalAveragePool("pool", Architecture.INPUT)))));
        udc.fails("--arch: found a network for pictures of ", command("--out", out, "--arch", other));
        assertFalse(Files.exists(out));
    }

    private Path architecture() throws IOException {
        return Files.writeString(folder.resolve("architecture.json"), Json.text(ARCHITECTURE));
    }

    private static Object[] command(Object... args) {
        Object[] all = java.util.Arrays.copyOf(new Object[] {"train"}, 1 + args.length + SHORT.length);
        System.arraycopy(args, 0, all, 1, args.length);
        System.arraycopy(SHORT, 0, all, 1 + args.length, SHORT.length);
        return all;
    }
}
