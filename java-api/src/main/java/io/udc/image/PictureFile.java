package io.udc.image;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.files.AtomicFile;
import io.udc.files.WholeFile;
import io.udc.memory.StepScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Picture files: PNG, JPEG and BMP of 8 bits a channel, grey or colour. Pixels are taken as stored: no
 * rotation by EXIF, no colour profile; transparency is dropped. All methods are safe for use by many threads.
 */
public final class PictureFile {

    private static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "bmp");

    private PictureFile() {}

    /** Whether it is a file whose name ends as a picture's does, in lower or upper case. */
    public static boolean isPicture(Path file) {
        return hasPictureName(file) && Files.isRegularFile(file);
    }

    /** Whether the name ends as a picture's does, in lower or upper case. */
    public static boolean hasPictureName(Path file) {
        String name = file.getFileName().toString();
        return EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /**
     * The picture files directly in a folder, sorted by name.
     *
     * @throws InputException if the folder is missing or holds no picture
     */
    public static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(
                    folder + ": no such folder; expected one with PNG, JPEG or BMP pictures");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> pictures = entries.filter(PictureFile::isPicture).sorted().toList();
            if (pictures.isEmpty()) {
                throw new InputException(folder + ": holds no picture; expected PNG, JPEG or BMP files");
            }
            return pictures;
        } catch (IOException e) {
            throw new InputException(folder + ": can't be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads and decodes a picture.
     *
     * @throws InputException naming the file and the reason if it is missing, truncated, corrupt, of another
     *     format, or not of 8 bits
     */
    public static Picture read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException(file + ": can't be read: " + e.getMessage(), e);
        }
        ImageFormat format = ImageFormat.of(bytes)
                .orElseThrow(() -> new InputException(file + ": is neither PNG, JPEG nor BMP"));
        Optional<String> defect = format.defect(bytes);
        if (defect.isPresent()) {
            throw new InputException(file + ": " + defect.get());
        }
        return decode(file, bytes);
    }

    @SuppressWarnings("try") // the scope works by being open
    private static Picture decode(Path file, byte[] bytes) {
        try (StepScope scope = StepScope.open()) {
            Mat encoded = new Mat(1, bytes.length, opencv_core.CV_8UC1, new BytePointer(bytes));
            Mat mat;
            try {
                mat = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_UNCHANGED);
            } catch (RuntimeException e) {
                throw new InputException(
                        file + ": can't be decoded: " + e.getMessage().lines().findFirst().get(), e);
            }
            if (mat.empty()) {
                throw new InputException(file + ": can't be decoded; the file is corrupt");
            }
            if (mat.depth() != opencv_core.CV_8U) {
                throw new InputException(
                        file + ": found " + 8 * mat.elemSize1() + " bits a channel, expected 8");
            }
            return planes(mat);
        }
    }

    /** Separates OpenCV's blue, green, red (and alpha) bytes. */
    private static Picture planes(Mat mat) {
        int pixels = Math.multiplyExact(mat.rows(), mat.cols());
        int step = mat.channels();
        byte[] interleaved = new byte[Math.multiplyExact(pixels, step)];
        mat.data().get(interleaved);
        int channels = step < 3 ? 1 : 3;
        byte[] planes = new byte[channels * pixels];
        for (int channel = 0; channel < channels; channel++) {
            int source = channels - 1 - channel;
            int target = channel * pixels;
            for (int pixel = 0; pixel < pixels; pixel++, source += step) {
                planes[target + pixel] = interleaved[source];
            }
        }
        return new Picture(new Shape(channels, mat.rows(), mat.cols()), planes);
    }

    /**
     * Writes a picture; the name's end chooses the format.
     *
     * @throws InputException if the name has no known end or the folder refuses
     * @throws io.udc.OutputException if the disk is full or fails
     */
    public static void write(Picture picture, Path file) {
        String name = file.getFileName().toString();
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!EXTENSIONS.contains(extension)) {
            throw new InputException(file + ": unknown kind of picture, expected .png, .jpg or .bmp");
        }
        try {
            byte[] encoded = encode(picture, "." + extension);
            AtomicFile.write(file, out -> out.write(encoded));
        } catch (IOException e) {
            throw WholeFile.unwritable(file + ":", e);
        }
    }

    @SuppressWarnings("try") // the scope works by being open
    private static byte[] encode(Picture picture, String extension) {
        int pixels = picture.height() * picture.width();
        int channels = picture.channels();
        byte[] interleaved = new byte[picture.planes().length];
        for (int channel = 0; channel < channels; channel++) {
            int target = channels - 1 - channel;
            for (int pixel = 0; pixel < pixels; pixel++, target += channels) {
                interleaved[target] = picture.planes()[channel * pixels + pixel];
            }
        }
        try (StepScope scope = StepScope.open()) {
            int type = channels == 1 ? opencv_core.CV_8UC1 : opencv_core.CV_8UC3;
            Mat mat = new Mat(picture.height(), picture.width(), type, new BytePointer(interleaved));
            BytePointer encoded = new BytePointer();
            if (!opencv_imgcodecs.imencode(extension, mat, encoded)) {
                throw new IllegalStateException(
                        "a picture of " + picture.shape() + " can't be encoded as " + extension);
            }
            byte[] bytes = new byte[Math.toIntExact(encoded.limit())];
            encoded.get(bytes);
            return bytes;
        }
    }
}
