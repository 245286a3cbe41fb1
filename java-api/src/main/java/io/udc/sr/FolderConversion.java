package io.udc.sr;

import io.udc.InputException;
import io.udc.files.WholeFile;
import io.udc.image.Picture;
import io.udc.image.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes another picture of a picture, or of every picture of a folder. */
final class FolderConversion {

    /**
     * What was done.
     *
     * @param pictures written files
     * @param skipped broken files that were left out
     * @param highPixels pixels of the larger pictures, those read or those written
     * @param seconds wall time, decoding and encoding included
     */
    record Result(int pictures, int skipped, long highPixels, double seconds) {}

    private final UnaryOperator<Picture> conversion;
    private final int leastSide;
    private final boolean parallel;

    /**
     * @param conversion from one picture to the other
     * @param leastSide pixels below which a picture counts as broken
     * @param parallel whether several pictures are worked on at a time; the conversion must allow it
     */
    FolderConversion(UnaryOperator<Picture> conversion, int leastSide, boolean parallel) {
        this.conversion = conversion;
        this.leastSide = leastSide;
        this.parallel = parallel;
    }

    /**
     * Converts.
     *
     * @param in a picture or a folder of pictures
     * @param out a folder, made if it is missing, or for a single picture the file; equal names are replaced
     * @param ending put behind the names of files in a folder; always PNG
     * @throws InputException naming the first broken file and the reason, or if all are broken; files written before
     *     stay
     */
    Result run(Path in, Path out, String ending, boolean skipBad) {
        long start = System.nanoTime();
        boolean isNew = Files.notExists(out);
        Map<Path, Path> work = targets(in, out, ending + ".png");
        BadPictures bad = new BadPictures(skipBad);
        Stream<Map.Entry<Path, Path>> entries = work.entrySet().stream();
        List<Long> pixels = (parallel ? entries.parallel() : entries)
                .map(entry -> bad.attempt(() -> convert(entry.getKey(), entry.getValue())))
                .flatMap(Optional::stream)
                .toList();
        if (isNew && pixels.isEmpty()) {
            deleteEmpty(out);
        }
        bad.throwIfFatal(pixels.size());
        double seconds = (System.nanoTime() - start) / 1e9;
        long total = pixels.stream().mapToLong(Long::longValue).sum();
        return new Result(pixels.size(), bad.found().size(), total, seconds);
    }

    private static void deleteEmpty(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // Something is in it by now, or an empty folder stays; both harm nobody.
            return;
        }
    }

    /** Returns the number of pixels of the larger picture. */
    private long convert(Path file, Path target) {
        Picture picture = PictureFile.read(file);
        if (Math.min(picture.height(), picture.width()) < leastSide) {
            throw new InputException(file + ": found " + picture.width() + "x" + picture.height()
                    + ", expected at least " + leastSide + " pixels a side");
        }
        Picture converted = conversion.apply(picture);
        PictureFile.write(converted, target);
        return Math.max((long) picture.height() * picture.width(), (long) converted.height() * converted.width());
    }

    /** Where each picture's counterpart goes; two pictures must not share a target, and none may be replaced. */
    private static Map<Path, Path> targets(Path in, Path out, String ending) {
        boolean one = Files.isRegularFile(in);
        if (one && PictureFile.hasPictureName(out) && !Files.isDirectory(out)) {
            return checked(in, out, new LinkedHashMap<>(Map.of(in, out)));
        }
        Map<Path, Path> sources = new LinkedHashMap<>();
        Map<Path, Path> targets = new LinkedHashMap<>();
        for (Path picture : one ? List.of(in) : PictureFile.list(in)) {
            Path target = out.resolve(SrPair.baseName(picture) + ending);
            Path other = sources.put(target, picture);
            if (other != null) {
                throw new InputException(other + " and " + picture + " would both be written to " + target);
            }
            targets.put(picture, target);
        }
        checked(in, out, targets);
        if (Files.isRegularFile(out)) {
            throw new InputException(out + ": found a file, expected a folder");
        }
        try {
            Files.createDirectories(out);
        } catch (IOException e) {
            throw WholeFile.unwritable(out + ":", e);
        }
        return targets;
    }

    private static Map<Path, Path> checked(Path in, Path out, Map<Path, Path> targets) {
        Set<Object> sources = targets.keySet().stream().map(FolderConversion::identity).collect(Collectors.toSet());
        for (Path target : targets.values()) {
            if (Files.exists(target) && sources.contains(identity(target))) {
                throw new InputException(out + ": found " + target + ", which is read from " + in
                        + ", expected another place");
            }
        }
        return targets;
    }

    /** Equal for all names of one file, links included. */
    private static Object identity(Path file) {
        try {
            Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return key != null ? key : file.toRealPath();
        } catch (IOException e) {
            throw new InputException(file + ": can't be read: " + e.getMessage(), e);
        }
    }
}
