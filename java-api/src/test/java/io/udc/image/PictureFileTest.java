package io.udc.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.memory.StepScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFileTest {

    @TempDir
    Path folder;

    static Picture random(int channels, int height, int width, long seed) {
        byte[] planes = new byte[channels * height * width];
        new Random(seed).nextBytes(planes);
        return new Picture(new Shape(channels, height, width), planes);
    }

    private String errorOf(Path file) {
        return assertThrows(InputException.class, () -> PictureFile.read(file)).getMessage();
    }

    @Test
    void losslessFormatsKeepEveryPixel() {
        for (String name : List.of("a.png", "b.bmp", "c.PNG")) {
            for (int channels : new int[] {1, 3}) {
                Picture picture = random(channels, 13, 7, 1);
                Path file = folder.resolve(channels + name);
                PictureFile.write(picture, file);
                Picture read = PictureFile.read(file);
                assertArrayEquals(picture.planes(), read.toColour().channels() == channels
                        ? read.planes() : Arrays.copyOf(read.planes(), picture.planes().length));
            }
        }
    }

    @Test
    void everyTruncationIsNoticed() throws IOException {
        for (String name : List.of("a.png", "b.bmp", "c.jpg")) {
            Path file = folder.resolve(name);
            PictureFile.write(random(3, 24, 24, 2), file);
            byte[] whole = Files.readAllBytes(file);
            for (int length = 0; length < whole.length; length += 1 + whole.length / 97) {
                Files.write(file, Arrays.copyOf(whole, length));
                String message = errorOf(file);
                assertTrue(message.startsWith(file + ": "), message);
                assertEquals(1, message.lines().count());
            }
        }
    }

    @Test
    void flippedByteOfAPngIsNoticed() throws IOException {
        Path file = folder.resolve("a.png");
        PictureFile.write(random(3, 24, 24, 2), file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertTrue(errorOf(file).contains("wrong checksum"));
    }

    @Test
    void otherFilesAreExplained() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "not a picture");
        assertEquals(text + ": is neither PNG, JPEG nor BMP", errorOf(text));
        assertTrue(errorOf(folder.resolve("missing.png")).contains("can't be read"));
        Path deep = folder.resolve("deep.png");
        writeSixteenBits(deep);
        assertEquals(deep + ": found 16 bits a channel, expected 8", errorOf(deep));
        assertThrows(
                InputException.class, () -> PictureFile.write(random(1, 2, 2, 1), folder.resolve("x.gif")));
    }

    @SuppressWarnings("try")
    private static void writeSixteenBits(Path file) {
        try (StepScope scope = StepScope.open()) {
            opencv_imgcodecs.imwrite(file.toString(), new Mat(4, 4, opencv_core.CV_16UC1, new Scalar(999)));
        }
    }

    @Test
    void foldersAreListedByName() throws IOException {
        PictureFile.write(random(1, 2, 2, 1), folder.resolve("b.png"));
        PictureFile.write(random(1, 2, 2, 1), folder.resolve("A.JPG"));
        Files.writeString(folder.resolve("notes.txt"), "");
        assertEquals(List.of(folder.resolve("A.JPG"), folder.resolve("b.png")), PictureFile.list(folder));
        assertThrows(InputException.class, () -> PictureFile.list(folder.resolve("none")));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThrows(InputException.class, () -> PictureFile.list(empty));
    }

    @Test
    void resizingKeepsConstantsAndShape() {
        byte[] planes = new byte[3 * 10 * 12];
        Arrays.fill(planes, (byte) 200);
        Picture resized = new Picture(new Shape(3, 10, 12), planes).resizedTo(4, 30);
        assertEquals(new Shape(3, 4, 30), resized.shape());
        for (byte pixel : resized.planes()) {
            assertEquals((byte) 200, pixel);
        }
    }
}
