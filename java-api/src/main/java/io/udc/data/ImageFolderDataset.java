package io.udc.data;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ImageNet-style folders: {@code train/<class>/*} and {@code val/<class>/*} (or {@code test/}) with PNG, JPEG
 * or BMP pictures of any size. Pictures are decoded when they are read; the centre square, 7/8 of the shorter
 * side, is brought to the wanted size by area averaging when it shrinks and bilinearly when it grows. Classes
 * are the sub-folders' names in sorted order.
 *
 * <p>A broken file is fatal, or with {@code skipBad} replaced by the next readable picture of its class,
 * logged once and counted in {@link #skipped}. Thread-safe.
 */
public final class ImageFolderDataset implements ImageDataset {

    private static final Logger LOG = LoggerFactory.getLogger(ImageFolderDataset.class);
    private static final double CENTRE_SHARE = 0.875;

    private final String name;
    private final Shape shape;
    private final List<String> classNames;
    private final List<Path> files = new ArrayList<>();
    private final int[] labels;
    private final boolean skipBad;
    private final Set<Path> skipped = new ConcurrentSkipListSet<>();

    private ImageFolderDataset(Path root, String part, List<String> classNames, int size, boolean skipBad) {
        this.name = root.getFileName() + " " + part;
        this.shape = new Shape(3, size, size);
        this.classNames = List.copyOf(classNames);
        this.skipBad = skipBad;
        List<Integer> classes = new ArrayList<>();
        for (int label = 0; label < classNames.size(); label++) {
            List<Path> pictures = PictureFile.list(root.resolve(part).resolve(classNames.get(label)));
            files.addAll(pictures);
            classes.addAll(Collections.nCopies(pictures.size(), label));
        }
        labels = classes.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Opens the training part.
     *
     * @param size side of the pictures in pixels
     * @throws InputException if the folder is not laid out as described
     */
    public static ImageFolderDataset openTrain(Path root, int size, boolean skipBad) {
        checkLayout(root);
        return new ImageFolderDataset(root, "train", subfolders(root.resolve("train")), size, skipBad);
    }

    /** Opens the test part, whose classes must be those of the training part. */
    public static ImageFolderDataset openTest(Path root, int size, boolean skipBad) {
        checkLayout(root);
        String part = testPart(root);
        List<String> classes = subfolders(root.resolve("train"));
        List<String> found = subfolders(root.resolve(part));
        for (String other : found) {
            if (!classes.contains(other)) {
                throw new InputException(
                        root.resolve(part).resolve(other) + ": this class has no folder in "
                                + root.resolve("train"));
            }
        }
        if (found.size() < classes.size()) {
            throw new InputException(
                    root.resolve(part) + ": found " + found.size() + " class folders, expected the "
                    + classes.size() + " of " + root.resolve("train"));
        }
        return new ImageFolderDataset(root, part, classes, size, skipBad);
    }

    private static String testPart(Path root) {
        return Files.isDirectory(root.resolve("val")) ? "val" : "test";
    }

    private static void checkLayout(Path root) {
        if (!Files.isDirectory(root)) {
            throw new InputException(
                    root + ": no such folder; expected one with train/<class>/ and val/<class>/");
        }
        for (String part : List.of("train", testPart(root))) {
            if (!Files.isDirectory(root.resolve(part)) || subfolders(root.resolve(part)).isEmpty()) {
                throw new InputException(root + ": found no " + part
                        + "/<class>/ in it; expected train/<class>/ and val/<class>/ (or test/<class>/)");
            }
        }
    }

    private static List<String> subfolders(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(entry -> !entry.startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new InputException(folder + ": can't be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public Shape imageShape() {
        return shape;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    /** Files that were found broken so far; always empty without {@code skipBad}. */
    public Set<Path> skipped() {
        return Set.copyOf(skipped);
    }

    @Override
    public void read(int index, byte[] target, int offset) {
        readCrop(index, (width, height) -> Crop.centredSquare(width, height, CENTRE_SHARE), target, offset);
    }

    @Override
    public void readCrop(int index, CropRule rule, byte[] target, int offset) {
        Picture picture = decode(index).toColour();
        Crop crop = rule.choose(picture.width(), picture.height());
        Picture part = picture.cut(crop.x(), crop.y(), crop.width(), crop.height());
        byte[] resized = part.resizedTo(shape.height(), shape.width()).planes();
        System.arraycopy(resized, 0, target, offset, resized.length);
    }

    private Picture decode(int index) {
        if (!skipBad) {
            return PictureFile.read(files.get(index));
        }
        for (int candidate = index; ; candidate = nextOfClass(candidate)) {
            Path file = files.get(candidate);
            try {
                return PictureFile.read(file);
            } catch (InputException e) {
                if (skipped.add(file)) {
                    LOG.warn("{} (skipped)", e.getMessage());
                }
                if (nextOfClass(candidate) == index) {
                    throw new InputException(file.getParent() + ": holds no picture that can be decoded", e);
                }
            }
        }
    }

    private int nextOfClass(int index) {
        int next = index + 1;
        if (next < labels.length && labels[next] == labels[index]) {
            return next;
        }
        int first = index;
        while (first > 0 && labels[first - 1] == labels[index]) {
            first--;
        }
        return first;
    }
}
