package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import io.udc.integer.IntegerModel;
import io.udc.search.model.ModelFile;
import io.udc.search.run.RunDirectory;
import io.udc.search.task.UpscalingTask;
import io.udc.sr.PictureUpscaler;
import io.udc.sr.SrOptions;
import io.udc.sr.SrScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of super resolution, from a folder of pictures to enlarged ones. */
class UpscalingCommandsTest {

    private static final int SIDE = 52;

    @TempDir
    private Path folder;

    private final CliFixture udc = new CliFixture();
    private Path data;
    private Path space;

    @BeforeEach
    void drawPictures() throws IOException {
        data = Files.createDirectory(folder.resolve("data"));
        for (int i = 0; i < 6; i++) {
            PictureFile.write(rings(i), data.resolve(i + ".png"));
        }
        space = Files.writeString(folder.resolve("space.json"), """
                {"name": "tiny", "weightBits": [4, 8], "sparsities": [0, 0.5],
                 "stem": {"kernels": [5], "stride": 1, "widths": [8]},
                 "stages": [{"widths": [8, 16], "blocks": 2, "stride": 1,
                             "operators": [{"kind": "dense", "kernels": [1, 3], "expansions": []}]}],
                 "headKernels": [5]}
                """);
    }

    /** Coloured rings around a point, sharp enough to be worth enlarging well. */
    private static Picture rings(int number) {
        byte[] planes = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < planes.length; i++) {
            int channel = i / (SIDE * SIDE);
            double y = i / SIDE % SIDE - 7.0 * number;
            double x = i % SIDE - 11.0 * (number % 3);
            double wave = Math.sin(Math.hypot(x, y) / (1.5 + 0.3 * number) + channel);
            planes[i] = (byte) Math.round(128 + 90 * Math.signum(wave) * Math.sqrt(Math.abs(wave)));
        }
        return new Picture(new Shape(3, SIDE, SIDE), planes);
    }

    private Object[] tiny(String command, Object... more) {
        List<Object> all = new ArrayList<>(List.of(command, "--task", "sr", "--data", data, "--space", space,
                "--budget", "2KiB", "--threads", "2"));
        for (String value : List.of("sr.patch=12", "sr.patchesPerEpoch=32", "sr.validationPictures=2",
                "search.batchSize=8", "search.searchEpochs=1", "training.batchSize=8", "training.dense.epochs=3",
                "training.quantization.epochs=2", "training.distillation.epochs=1")) {
            all.addAll(List.of("--set", value));
        }
        all.addAll(Arrays.asList(more));
        return all.toArray();
    }

    @Test
    void aSearchEndsInAModelThatEvaluatesAsReportedAndEnlargesPictures() throws IOException {
        Path run = folder.resolve("run");
        JsonNode result = udc.json(tiny("search", "--scale", "2", "--out", run, "--no-competitors"));
        assertEquals("psnr", result.path("metricName").textValue());
        assertTrue(result.path("encodedBytes").asLong() <= 2 * 1024, result::toString);
        assertTrue(result.path("latencyMs").asDouble() > 0);
        assertEquals(result.path("fakeQuantizedMetric").asDouble(), result.path("metric").asDouble(), 0.1);
        assertTrue(Files.readString(run.resolve("report.html")).contains(" dB"));
        List<String> metrics = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertTrue(metrics.get(metrics.size() - 1).contains("waitShare"), metrics::toString);

        Path model = run.resolve("model.udc");
        assertEquals(result.path("metric"), udc.json("evaluate", "--model", model).path("metric"));
        JsonNode all = udc.json("evaluate", "--model", model, "--data", data);
        assertEquals(6, all.path("pictures").size());
        assertTrue(all.path("metric").asDouble() > 25 && all.path("bicubicPsnr").asDouble() > 30, all::toString);
        assertEquals(1, udc.json("inspect", model).path("input").path(0).asInt());
        assertEquals(960, udc.json("inspect", model).path("input").path(2).asInt());
        udc.run("estimate", "--arch", model);
        assertTrue(udc.out().contains("shuffle"), udc.out());

        udc.run("upscale", data, folder.resolve("large"), "--model", model);
        PictureUpscaler upscaler = new PictureUpscaler(ModelFile.read(model).decoded());
        assertArrayEquals(upscaler.enlarge(rings(3)).planes(),
                PictureFile.read(folder.resolve("large/3.png")).planes());
        Path tiny = Files.createDirectory(folder.resolve("tiny"));
        PictureFile.write(rings(1).cut(0, 0, 4, 30), tiny.resolve("1.png"));
        udc.fails("expected at least 3x3", "evaluate", "--model", model, "--data", tiny);
        PictureFile.write(rings(2), tiny.resolve("2.png"));
        JsonNode some = udc.json("evaluate", "--model", model, "--data", tiny, "--skip-bad");
        assertEquals(1, some.path("images").asInt());
        assertEquals(1, some.path("skipped").asInt());

        udc.fails("which is read from", "upscale", data, data, "--model", model);
    }

    @Test
    void theUniformNetworkOfASizeIsTrainedByTheSameRecipe() {
        Path run = folder.resolve("uniform");
        JsonNode result = udc.json(tiny("baseline", "--bits", "8", "--scale", "3", "--out", run));
        assertTrue(result.path("encodedBytes").asLong() <= 2 * 1024 * 1.02, result::toString);
        IntegerModel decoded = ModelFile.read(RunDirectory.existing(run).model()).decoded();
        PictureUpscaler upscaler = new PictureUpscaler(decoded);
        assertEquals(3, upscaler.scale());
        SrScores scores = SrScores.of(
                UpscalingTask.openValidation(data, new SrOptions(3, 12, 64, 2), false), upscaler::enlarge);
        assertEquals(scores.mean().psnr(), result.path("metric").asDouble());
    }

    @Test
    void aStepOfASearchIsTimedBesideTrainingAndLibtorchAlone() {
        JsonNode timing = udc.json("bench", "step", "--task", "sr", "--scale", "2", "--data", data, "--space", space,
                "--batch", "2", "--set", "sr.patch=12", "--set", "sr.patchesPerEpoch=200",
                "--set", "sr.validationPictures=2");
        for (String figure : List.of("searchStepMs", "floatStepMs", "libtorchStepMs")) {
            assertTrue(timing.path(figure).asDouble() > 0, timing::toString);
        }
    }

    @Test
    void badPicturesStopARunOrAreCounted() throws IOException {
        Path broken = Files.writeString(data.resolve("1.png"), "text");
        udc.fails(broken + ": is neither PNG, JPEG nor BMP", tiny("search", "--out", folder.resolve("stops")));
        assertFalse(Files.exists(folder.resolve("stops")));
        Files.delete(broken);
        Path small = data.resolve("small.png");
        PictureFile.write(rings(1).cut(0, 0, 20, 30), small);
        udc.fails(small + ": found a reduction of 10x15, expected at least 12x12",
                tiny("search", "--out", folder.resolve("stops")));
        udc.fails("--scale: found 9, expected 2 to 8", tiny("search", "--scale", "9"));
    }
}
