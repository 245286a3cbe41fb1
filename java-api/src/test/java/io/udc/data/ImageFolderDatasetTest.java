package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderDatasetTest {

    private static final int SIZE = 16;

    @TempDir
    Path root;

    @BeforeEach
    void writePictures() throws IOException {
        write("train/cat/b.PNG", 40, 20, 30);
        write("train/cat/a.JPEG", 33, 47, 60);
        write("train/dog/x.bmp", 50, 21, 200);
        write("val/cat/1.png", 16, 16, 10);
        write("val/dog/2.jpg", 8, 9, 99);
        Files.writeString(root.resolve("train/dog/readme.txt"), "no picture");
    }

    /** A picture whose colours are (value, value + 20, value + 40). */
    private void write(String path, int height, int width, int value) throws IOException {
        byte[] planes = new byte[3 * height * width];
        for (int c = 0; c < 3; c++) {
            Arrays.fill(planes, c * height * width, (c + 1) * height * width, (byte) (value + 20 * c));
        }
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        PictureFile.write(new Picture(new Shape(3, height, width), planes), file);
    }

    private static void assertColours(ImageDataset data, int index, int value) {
        byte[] pixels = new byte[3 * SIZE * SIZE];
        data.read(index, pixels, 0);
        for (int i = 0; i < pixels.length; i++) {
            assertEquals(value + i / (SIZE * SIZE) * 20, pixels[i] & 0xff, 3);
        }
    }

    @Test
    void foldersAreClassesAndPicturesAreDecodedInRgb() {
        ClassificationData data =
                ClassificationData.open("imagenet", root, DataOptions.defaults().withImageSize(SIZE));
        assertEquals(List.of("cat", "dog"), data.train().classNames());
        assertEquals(3, data.train().size());
        assertEquals(new Shape(3, SIZE, SIZE), data.train().imageShape());
        assertColours(data.train(), 0, 60); // a.JPEG comes before b.PNG
        assertColours(data.train(), 1, 30);
        assertColours(data.train(), 2, 200);
        assertEquals(1, data.train().label(2));
        assertColours(data.test(), 1, 99);
    }

    @Test
    void randomCropsComeFromTheOriginal() {
        ImageDataset data = ImageFolderDataset.openTrain(root, SIZE, false);
        byte[] pixels = new byte[3 * SIZE * SIZE];
        new Augmentation.RandomResizedCrop(0.3).read(data, 1, new SplittableRandom(1), pixels, 0);
        assertEquals(30, pixels[0]);
        data.readCrop(1, (width, height) -> {
            assertArrayEquals(new int[] {20, 40}, new int[] {width, height});
            return new Crop(3, 5, 7, 9);
        }, pixels, 0);
    }

    @Test
    void brokenFileIsFatalAndNamed() throws IOException {
        Path broken = root.resolve("train/cat/a.JPEG");
        byte[] bytes = Files.readAllBytes(broken);
        Files.write(broken, Arrays.copyOf(bytes, bytes.length - 2));
        ImageDataset data = ImageFolderDataset.openTrain(root, SIZE, false);
        InputException e =
                assertThrows(InputException.class, () -> data.read(0, new byte[3 * SIZE * SIZE], 0));
        assertTrue(e.getMessage().startsWith(broken + ": truncated"), e.getMessage());
    }

    @Test
    void skippedFileIsReplacedByOneOfItsClassAndCounted() throws IOException {
        Path broken = root.resolve("train/cat/a.JPEG");
        Files.writeString(broken, "no picture at all");
        ImageFolderDataset data = ImageFolderDataset.openTrain(root, SIZE, true);
        assertColours(data, 0, 30);
        assertColours(data, 0, 30);
        assertEquals(Set.of(broken), data.skipped());
        Files.writeString(root.resolve("train/cat/b.PNG"), "neither");
        InputException e =
                assertThrows(InputException.class, () -> data.read(0, new byte[3 * SIZE * SIZE], 0));
        assertEquals(root.resolve("train/cat") + ": holds no picture that can be decoded", e.getMessage());
    }

    @Test
    void wrongLayoutsAreExplained() throws IOException {
        Path empty = Files.createDirectories(root.resolve("elsewhere"));
        InputException e =
                assertThrows(InputException.class, () -> ImageFolderDataset.openTrain(empty, SIZE, false));
        assertTrue(e.getMessage().contains("expected train/<class>/"), e.getMessage());
        Files.createDirectory(root.resolve("val/bird"));
        e = assertThrows(InputException.class, () -> ImageFolderDataset.openTest(root, SIZE, false));
        assertTrue(e.getMessage().contains("bird: this class has no folder"), e.getMessage());
    }
}
