package io.udc.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFormatTest {

    private static final int PIXELS = 3072;

    @TempDir
    Path folder;

    private static byte[] records(int labelBytes, int... labels) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int record = 0; record < labels.length; record++) {
            out.writeBytes(new byte[labelBytes - 1]);
            out.write(labels[record]);
            out.writeBytes(picture(labels[record] + record));
        }
        return out.toByteArray();
    }

    private static byte[] picture(int seed) {
        byte[] pixels = new byte[PIXELS];
        new Random(seed).nextBytes(pixels);
        return pixels;
    }

    private static ClassificationData open(String task, Path folder) {
        return ClassificationData.open(task, folder, DataOptions.defaults());
    }

    private static String errorOf(String task, Path folder) {
        return assertThrows(InputException.class, () -> open(task, folder)).getMessage();
    }

    private static void assertPicture(ImageDataset data, int index, int label, byte[] pixels) {
        byte[] read = new byte[PIXELS + 2];
        data.read(index, read, 1);
        assertArrayEquals(pixels, Arrays.copyOfRange(read, 1, PIXELS + 1));
        assertEquals(label, data.label(index));
    }

    @Test
    void cifar100ReadsFineLabelsAndNames() throws IOException {
        Files.write(folder.resolve("train.bin"), records(2, 3, 99, 0));
        Files.write(folder.resolve("test.bin"), records(2, 42));
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            names.append("thing").append(i).append('\n');
        }
        Files.writeString(folder.resolve("fine_label_names.txt"), names);
        ClassificationData data = open("cifar100", folder);
        assertEquals(3, data.train().size());
        assertEquals("thing99", data.train().classNames().get(99));
        assertPicture(data.train(), 1, 99, picture(100));
        assertPicture(data.test(), 0, 42, picture(42));
    }

    @Test
    void cifar10JoinsItsFiveFilesInTheUsualFolder() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("cifar-10-batches-bin"));
        for (int i = 1; i <= 5; i++) {
            Files.write(inner.resolve("data_batch_" + i + ".bin"), records(1, i, i + 1));
        }
        Files.write(inner.resolve("test_batch.bin"), records(1, 9));
        ClassificationData data = open("cifar10", folder);
        assertEquals(10, data.train().size());
        assertEquals(10, data.train().classNames().size());
        assertPicture(data.train(), 7, 5, picture(6));
    }

    @Test
    void missingFilesAndFoldersAreNamed() throws IOException {
        Path nowhere = folder.resolve("nowhere");
        assertEquals(nowhere + ": no such folder; cifar100 expects one with train.bin, test.bin",
                errorOf("cifar100", nowhere));
        Files.write(folder.resolve("train.bin"), records(2, 3));
        assertEquals(folder.resolve("test.bin") + ": not found; cifar100 expects train.bin, test.bin",
                errorOf("cifar100", folder));
        assertTrue(errorOf("mnist", folder).startsWith("task: found mnist, expected one of shapes"));
        assertTrue(errorOf("cifar10", null).startsWith("data: missing"));
    }

    @Test
    void truncatedOversizedAndEmptyFilesAreNamed() throws IOException {
        byte[] good = records(2, 3, 4);
        Files.write(folder.resolve("test.bin"), good);
        Path train = folder.resolve("train.bin");
        for (int bytes : new int[] {0, 1, good.length - 1, good.length + 1}) {
            Files.write(train, Arrays.copyOf(good, bytes));
            assertTrue(errorOf("cifar100", folder)
                    .startsWith(train + ": found " + bytes + " bytes, expected a multiple of 3074 bytes"));
        }
    }

    @Test
    void labelOutOfRangeNamesTheRecord() throws IOException {
        Files.write(folder.resolve("train.bin"), records(2, 3, 100));
        Files.write(folder.resolve("test.bin"), records(2, 3));
        assertEquals(folder.resolve("train.bin") + ": record 1: found label 100, expected 0 to 99",
                errorOf("cifar100", folder));
    }

    @Test
    void wrongNumberOfClassNamesIsRefused() throws IOException {
        Files.write(folder.resolve("train.bin"), records(2, 3));
        Files.write(folder.resolve("test.bin"), records(2, 3));
        Files.writeString(folder.resolve("fine_label_names.txt"), "apple\nbear\n");
        assertTrue(errorOf("cifar100", folder).endsWith("found 2 class names, expected 100"));
    }
}
