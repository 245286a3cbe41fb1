package io.udc.data;

import io.udc.InputException;
import io.udc.arch.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky, "Learning multiple layers of features from tiny
 * images", 2009):
 *
 * <pre>
 * File   --> Record*
 * Record --> label bytes (CIFAR-10: label; CIFAR-100: coarse label, fine label), red, green, blue
 * red, green, blue --> 32 x 32 bytes, row major
 * </pre>
 */
enum CifarFormat {
    CIFAR10(
            "cifar10",
            10,
            1,
            "batches.meta.txt",
            "cifar-10-batches-bin",
            IntStream.rangeClosed(1, 5).mapToObj(i -> "data_batch_" + i + ".bin").toList(),
            List.of("test_batch.bin")),
    CIFAR100(
            "cifar100",
            100,
            2,
            "fine_label_names.txt",
            "cifar-100-binary",
            List.of("train.bin"),
            List.of("test.bin"));

    private static final Shape SHAPE = new Shape(3, 32, 32);

    private final String task;
    private final int classes;
    private final int labelBytes;
    private final String namesFile;
    private final String usualFolder;
    private final List<String> trainFiles;
    private final List<String> testFiles;

    CifarFormat(
            String task,
            int classes,
            int labelBytes,
            String namesFile,
            String usualFolder,
            List<String> trainFiles,
            List<String> testFiles) {
        this.task = task;
        this.classes = classes;
        this.labelBytes = labelBytes;
        this.namesFile = namesFile;
        this.usualFolder = usualFolder;
        this.trainFiles = trainFiles;
        this.testFiles = testFiles;
    }

    ImageDataset openTrain(Path folder) {
        return open(folder, "train", trainFiles);
    }

    ImageDataset openTest(Path folder) {
        return open(folder, "test", testFiles);
    }

    private ImageDataset open(Path folder, String part, List<String> files) {
        Path home = findHome(folder);
        List<Path> paths = files.stream().map(home::resolve).toList();
        int[] counts = paths.stream().mapToInt(this::countRecords).toArray();
        int total = IntStream.of(counts).sum();
        byte[] pixels = new byte[Math.multiplyExact(total, (int) SHAPE.elements())];
        int[] labels = new int[total];
        List<String> names = classNames(home);
        int first = 0;
        for (int i = 0; i < counts.length; i++) {
            readRecords(paths.get(i), first, counts[i], labels, pixels);
            first += counts[i];
        }
        return new InMemoryDataset(task + " " + part, SHAPE, names, labels, pixels);
    }

    /** The folder itself, or the one in it that the published archive unpacks to. */
    private Path findHome(Path folder) {
        String expected = String.join(", ", Stream.concat(trainFiles.stream(), testFiles.stream()).toList());
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": no such folder; " + task + " expects one with " + expected);
        }
        Path inner = folder.resolve(usualFolder);
        Path home = Files.isDirectory(inner) ? inner : folder;
        for (String file : Stream.concat(trainFiles.stream(), testFiles.stream()).toList()) {
            if (!Files.isRegularFile(home.resolve(file))) {
                throw new InputException(
                        home.resolve(file) + ": not found; " + task + " expects " + expected);
            }
        }
        return home;
    }

    private int recordBytes() {
        return labelBytes + (int) SHAPE.elements();
    }

    private int countRecords(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes == 0 || bytes % recordBytes() != 0) {
                throw new InputException(
                        file + ": found " + bytes + " bytes, expected a multiple of " + recordBytes()
                                + " bytes (one record); the file is truncated or of another kind");
            }
            return Math.toIntExact(bytes / recordBytes());
        } catch (IOException e) {
            throw new InputException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private void readRecords(Path file, int first, int count, int[] labels, byte[] pixels) {
        int pictureBytes = (int) SHAPE.elements();
        byte[] head = new byte[labelBytes];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int record = 0; record < count; record++) {
                int at = (first + record) * pictureBytes;
                if (in.readNBytes(head, 0, labelBytes) < labelBytes
                        || in.readNBytes(pixels, at, pictureBytes) < pictureBytes) {
                    throw new InputException(
                            file + ": record " + record + ": the file ended while it was read");
                }
                labels[first + record] = checkedLabel(file, record, head[labelBytes - 1] & 0xff);
            }
        } catch (IOException e) {
            throw new InputException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private int checkedLabel(Path file, int record, int label) {
        if (label >= classes) {
            throw new InputException(
                    file + ": record " + record + ": found label " + label + ", expected 0 to "
                            + (classes - 1));
        }
        return label;
    }

    /** Names from the text file beside the data, or numbers if there is none. */
    private List<String> classNames(Path home) {
        Path file = home.resolve(namesFile);
        if (!Files.isRegularFile(file)) {
            return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
        }
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            List<String> names = lines.map(String::strip).filter(line -> !line.isEmpty()).toList();
            if (names.size() != classes) {
                throw new InputException(
                        file + ": found " + names.size() + " class names, expected " + classes);
            }
            return names;
        } catch (IOException e) {
            throw new InputException(file + ": can't be read: " + e.getMessage(), e);
        }
    }
}
