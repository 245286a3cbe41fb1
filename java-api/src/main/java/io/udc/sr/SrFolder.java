package io.udc.sr;

import io.udc.InputException;
import io.udc.image.PictureFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Finds the pictures of a super-resolution folder. Three layouts are known:
 *
 * <pre>
 * DIV2K_{train,valid}_HR/0001.png with DIV2K_{train,valid}_LR_bicubic/X2/0001x2.png    as DIV2K is published
 * HR/baby.png                     with LR_bicubic/X2/babyx2.png                        as the test sets are
 * baby.png                                                                             any folder of pictures
 * </pre>
 *
 * <p>Reductions may be missing as a whole folder; once the folder for a scale is there, each picture's must
 * be in it.
 */
public final class SrFolder {

    /** DIV2K's parts. */
    public enum Part {
        TRAIN,
        VALID
    }

    private SrFolder() {}

    /**
     * Lists a folder's pictures, sorted by name.
     *
     * @param part which part of a DIV2K folder; the other layouts have one only
     * @throws InputException if the folder is missing or holds no pictures in a known layout, or a reduction
     *     is missing
     */
    public static List<SrPair> list(Path folder, Part part, int scale) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": no such folder; expected DIV2K's layout, HR/, or pictures");
        }
        String prefix = "DIV2K_" + part.name().toLowerCase(Locale.ROOT);
        Path div2k = folder.resolve(prefix + "_HR");
        if (Files.isDirectory(div2k)) {
            return pairs(div2k, folder.resolve(prefix + "_LR_bicubic").resolve("X" + scale), scale);
        }
        Path high = folder.resolve("HR");
        if (Files.isDirectory(high)) {
            return pairs(high, folder.resolve("LR_bicubic").resolve("X" + scale), scale);
        }
        if (isDiv2k(folder)) {
            throw new InputException(
                    div2k + ": no such folder; " + folder + " has the layout of DIV2K otherwise");
        }
        return PictureFile.list(folder).stream().map(file -> new SrPair(file, Optional.empty())).toList();
    }

    /**
     * Pictures to train on and others to judge by: DIV2K's own validation part where it is there, else some of the
     * folder's pictures that training then does not see.
     *
     * @param train never empty
     * @param validation never empty
     */
    public record Split(List<SrPair> train, List<SrPair> validation) {}

    /**
     * Lists a folder for training.
     *
     * @param count pictures to judge by, evenly spread over the names; at most half of a folder without such a part
     * @throws InputException as {@link #list} does, or if there are less than two pictures
     */
    public static Split split(Path folder, int scale, int count) {
        List<SrPair> all = list(folder, Part.TRAIN, scale);
        if (Files.isDirectory(folder.resolve("DIV2K_valid_HR"))) {
            List<SrPair> own = list(folder, Part.VALID, scale);
            return new Split(all, spread(own, Math.min(count, own.size())));
        }
        if (all.size() < 2) {
            throw new InputException(folder + ": found one picture, expected one to train on and one to judge by");
        }
        List<SrPair> held = spread(all, Math.min(count, all.size() / 2));
        List<SrPair> train = new ArrayList<>(all);
        train.removeAll(held);
        return new Split(train, held);
    }

    /** Some elements at even distances. */
    static <T> List<T> spread(List<T> all, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> all.get((int) ((2L * i + 1) * all.size() / (2L * count))))
                .toList();
    }

    private static boolean isDiv2k(Path folder) {
        return Files.isDirectory(folder.resolve("DIV2K_train_HR"))
                || Files.isDirectory(folder.resolve("DIV2K_valid_HR"));
    }

    private static List<SrPair> pairs(Path high, Path low, int scale) {
        boolean reduced = Files.isDirectory(low);
        return PictureFile.list(high).stream()
                .map(file ->
                        new SrPair(file, reduced ? Optional.of(lowFile(file, low, scale)) : Optional.empty()))
                .toList();
    }

    private static Path lowFile(Path high, Path low, int scale) {
        String end = high.getFileName().toString().substring(SrPair.baseName(high).length());
        String base = SrPair.baseName(high);
        Path marked = low.resolve(base + "x" + scale + end);
        Path plain = low.resolve(base + end);
        if (Files.isRegularFile(marked)) {
            return marked;
        }
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        throw new InputException(marked + ": not found, but " + high + " needs it; remove " + low
                + " to have every reduction made");
    }
}
