package io.udc.sr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import io.udc.integer.IntegerModel;
import io.udc.integer.IntegerNetwork;
import io.udc.integer.RandomModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureUpscalerTest {

    @TempDir
    private Path root;

    @Test
    void tilesLeaveNoSeams() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int trial = 0; trial < 8; trial++) {
            int scale = 2 + trial % 3;
            IntegerModel model = RandomModels.lumaUpscaler(random, scale);
            int channels = trial % 2 == 0 ? 1 : 3;
            Picture picture =
                    SrData.random(channels, 1 + random.nextInt(50), 1 + random.nextInt(50), random.nextLong());
            Picture whole = new PictureUpscaler(model, 1000).enlarge(picture);
            assertEquals(picture.height() * scale, whole.height());
            assertEquals(channels, whole.channels());
            for (int side : new int[] {1 + random.nextInt(6), 7, 16}) {
                byte[] tiled = new PictureUpscaler(model, side).enlarge(picture).planes();
                assertArrayEquals(whole.planes(), tiled, "seed " + seed + ", trial " + trial + ", side " + side);
            }
        }
    }

    @Test
    void pixelsAreTheNetworksRealOutput() {
        Random random = new Random(5);
        IntegerModel model = RandomModels.lumaUpscaler(random, 2);
        Picture picture = SrData.random(1, 9, 11, 6);
        byte[] pixels = new PictureUpscaler(model).enlarge(picture).planes();
        Set<Integer> seen = new HashSet<>();
        try (IntegerNetwork network = new IntegerNetwork(model.withInput(picture.shape()))) {
            byte[] values = network.run(picture.planes(), 1);
            for (int i = 0; i < values.length; i++) {
                double pixel = model.outputQuantization().real(values[i]) / model.quantization().get("image").scale()
                        + model.quantization().get("image").zeroPoint() + 128;
                assertEquals(Math.max(0, Math.min(255, pixel)), pixels[i] & 0xff, 0.5 + 1e-9);
                seen.add((int) pixels[i]);
            }
        }
        assertTrue(seen.size() > 2, "a constant picture tests nothing: " + seen);
    }

    @Test
    void onlyUpscalersOfLumaAreTaken() {
        assertThrows(InputException.class, () -> new PictureUpscaler(RandomModels.classifier(new Random(1))));
        assertThrows(InputException.class, () -> new PictureUpscaler(RandomModels.upscaler(new Random(1))));
    }

    @Test
    void aFolderOrOnePictureIsEnlargedAndNeverReplaced() throws IOException {
        PictureUpscaler upscaler = new PictureUpscaler(RandomModels.lumaUpscaler(new Random(2), 2));
        Path in = Files.createDirectory(root.resolve("in"));
        Picture a = SrData.random(3, 9, 12, 1);
        PictureFile.write(a, in.resolve("a.png"));
        PictureFile.write(SrData.random(1, 8, 8, 2), in.resolve("b.bmp"));
        FolderUpscale.Result result = FolderUpscale.run(upscaler, in, root.resolve("out"), false);
        assertEquals(List.of(2, 0, 4 * (9 * 12 + 64)),
                List.of(result.pictures(), result.skipped(), (int) result.highPixels()));
        assertArrayEquals(
                upscaler.enlarge(a).planes(), PictureFile.read(root.resolve("out/a.png")).planes());
        FolderUpscale.run(upscaler, in.resolve("a.png"), root.resolve("one.png"), false);
        assertArrayEquals(
                upscaler.enlarge(a).planes(), PictureFile.read(root.resolve("one.png")).planes());

        byte[] before = Files.readAllBytes(in.resolve("a.png"));
        assertThrows(InputException.class, () -> FolderUpscale.run(upscaler, in, in, false));
        assertArrayEquals(before, Files.readAllBytes(in.resolve("a.png")));

        Path broken = Files.writeString(in.resolve("c.png"), "text");
        String message = assertThrows(
                InputException.class, () -> FolderUpscale.run(upscaler, in, root.resolve("out2"), false)).getMessage();
        assertEquals(broken + ": is neither PNG, JPEG nor BMP", message);
        assertEquals(1, FolderUpscale.run(upscaler, in, root.resolve("out2"), true).skipped());
    }

    @Test
    void trainingAndValidationPicturesAreDisjoint() throws IOException {
        for (int i = 0; i < 10; i++) {
            PictureFile.write(SrData.random(1, 8, 8, i), root.resolve(i + ".png"));
        }
        SrFolder.Split split = SrFolder.split(root, 2, 3);
        assertEquals(List.of("1", "5", "8"), split.validation().stream().map(SrPair::name).toList());
        assertEquals(7, split.train().size());
        assertEquals(5, SrFolder.split(root, 2, 100).validation().size());
        SrDataset data = SrDataset.openLuma(split.train(), 2, 4, false);
        SrDataset.Split parts = data.split(2);
        assertEquals(List.of(5, 2), List.of(parts.first().pictures().size(), parts.second().pictures().size()));
    }
}
