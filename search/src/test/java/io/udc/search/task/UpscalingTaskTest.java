package io.udc.search.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Add;
import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Convolution;
import io.udc.arch.DepthToSpace;
import io.udc.arch.Node;
import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import io.udc.integer.Quantization;
import io.udc.json.Json;
import io.udc.search.SearchEvent;
import io.udc.search.train.SavedTraining;
import io.udc.search.train.StagePlan;
import io.udc.search.train.TrainedNetwork;
import io.udc.search.train.Trainer;
import io.udc.search.train.TrainingConfig;
import io.udc.sr.SrOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpscalingTaskTest {

    private static final int SIDE = 64;

    private final Architecture architecture = architecture(new Compression(6, 0.75));

    @TempDir
    private Path folder;

    private UpscalingTask task;

    @BeforeEach
    void drawPictures() {
        for (int number = 0; number < 6; number++) {
            byte[] pixels = new byte[SIDE * SIDE];
            for (int i = 0; i < pixels.length; i++) {
                double distance = Math.hypot(i / SIDE - 9.0 * number, i % SIDE - 13.0 * (number % 3));
                pixels[i] = (byte) Math.round(128 + 80 * Math.tanh(3 * Math.sin(distance / (2 + 0.3 * number))));
            }
            PictureFile.write(new Picture(new Shape(1, SIDE, SIDE), pixels), folder.resolve(number + ".png"));
        }
        task = UpscalingTask.open(folder, new SrOptions(2, 16, 256, 2), false);
    }

    private static Architecture architecture(Compression compression) {
        Compression eight = new Compression(8, 0);
        return new Architecture("tiny", new Shape(1, 540, 960), List.of(
                new Convolution("stem", Architecture.INPUT, 8, 3, 1, Activation.RELU, eight),
                new Convolution("block", "stem", 8, 3, 1, Activation.NONE, compression),
                new Add("short", "block", "stem", Activation.RELU),
                new Convolution("head", "short", 4, 3, 1, Activation.NONE, compression),
                new Add("sum", "head", Architecture.INPUT, Activation.NONE),
                new DepthToSpace("shuffle", "sum", 2)));
    }

    private static TrainingConfig recipe(StagePlan dense, StagePlan quantization, StagePlan distillation) {
        String json = Json.text(TrainingConfig.defaults())
                .replace("\"batchSize\" : 128", "\"batchSize\" : 16")
                .replace("\"weightDecay\" : 0.01", "\"weightDecay\" : 0.0");
        return Json.parse(json, TrainingConfig.class, "recipe").withStages(dense, quantization, distillation);
    }

    private TrainedNetwork train(TrainingConfig config, List<SearchEvent.EpochDone> epochs) {
        return Trainer.builder(task, config)
                .optListener(event -> {
                    if (event instanceof SearchEvent.EpochDone done) {
                        epochs.add(done);
                    }
                })
                .build()
                .train(architecture, task.initial(architecture, 1));
    }

    @Test
    void aNetworkLearnsAndItsIntegersAgreeWithItsFakeQuantization() {
        List<SearchEvent.EpochDone> epochs = new ArrayList<>();
        TrainedNetwork trained =
                train(recipe(new StagePlan(10, 0.05), new StagePlan(4, 0.02), new StagePlan(2, 0.01)), epochs);
        assertTrue(epochs.get(9).loss() < 0.7 * epochs.get(0).loss(), epochs::toString);
        assertEquals(trained.quantizedMetric(), trained.integerMetric(), 0.1);
        assertTrue(Math.abs(trained.floatMetric() - trained.integerMetric()) < 3, trained::toString);
        Quantization picture = trained.model().quantization().get(Architecture.INPUT);
        assertEquals(picture, trained.model().outputQuantization(), "int8 values of the output must be pixels");
    }

    /** Without batch norm nothing makes up for a change of scale. */
    @Test
    void leavingPrunedWeightsOutDoesNotChangeWhatANetworkComputes() {
        StagePlan dense = new StagePlan(3, 0.05);
        StagePlan pruning = new StagePlan(4, 0.01);
        List<SearchEvent.EpochDone> epochs = new ArrayList<>();
        TrainedNetwork frozen = train(recipe(dense, pruning, new StagePlan(1, 1e-7)), epochs);
        double before = epochs.get(6).loss();
        double after = epochs.get(7).loss();
        assertTrue(after < 1.5 * before, () -> frozen + ": " + epochs);
    }

    @Test
    void aResumedTrainingEndsWithTheSameBytes(@TempDir Path states) {
        TrainingConfig config = recipe(new StagePlan(2, 0.05), new StagePlan(2, 0.02), new StagePlan(1, 0.01));
        UpscalingTask few = UpscalingTask.open(folder, new SrOptions(2, 16, 64, 1), false);
        SavedTraining training =
                SavedTraining.run(few, config, architecture, few.initial(architecture, 1), states);
        assertEquals(5, training.states().size());
        for (int epoch : new int[] {0, 2, 3}) {
            training.assertResumesToTheSameBytes(epoch);
        }
    }

    /** Of 22 kernels of 7x7, a pixel sees 66 pixels to each side. */
    @Test
    void tilesOverlapByAllThatADeepNetworkSees(@TempDir Path large) {
        Compression eight = new Compression(8, 0);
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 22; i++) {
            String input = i == 0 ? Architecture.INPUT : "conv" + (i - 1);
            nodes.add(new Convolution("conv" + i, input, 4, 7, 1, Activation.NONE, eight));
        }
        nodes.add(new DepthToSpace("shuffle", "conv21", 2));
        Architecture deep = new Architecture("deep", new Shape(1, 540, 960), nodes);
        for (int number = 0; number < 3; number++) {
            PictureFile.write(new Picture(new Shape(1, 32, 560), new byte[32 * 560]), large.resolve(number + ".png"));
        }
        List<Long> widths = new ArrayList<>();
        UpscalingTask.open(large, new SrOptions(2, 16, 64, 1), false).evaluate(deep, part -> {
            widths.add(part.size(3));
            return torch.zeros(1, 1, 2 * part.size(2), 2 * part.size(3));
        });
        assertEquals(192 + 66, widths.get(0));
    }

    @Test
    void pictureSizeLatencyAndScaleFollowTheOptions() {
        assertEquals(new Shape(1, 540, 960), task.inputShape());
        assertEquals(4, task.train().pictures().size());
        assertEquals(2, task.validation().pictures().size());
        UpscalingTask third = UpscalingTask.open(folder, new SrOptions(3, 16, 256, 2), false);
        assertEquals(new Shape(1, 360, 640), third.inputShape());
        String message = assertThrows(InputException.class, () -> third.check(architecture)).getMessage();
        assertEquals("found a network of scale 2, expected 3", message);
    }
}
