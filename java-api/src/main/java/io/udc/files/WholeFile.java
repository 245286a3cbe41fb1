package io.udc.files;

import io.udc.InputException;
import io.udc.OutputException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Files that are read and written in one piece, with errors that name them in one line. */
public final class WholeFile {

    /** Reasons of the operating system that no other place on the same disk would change. */
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");

    private WholeFile() {}

    /** @throws InputException if the file is not there, cannot be read or is larger than 2 GiB */
    public static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + reason(e) + ")", e);
        } catch (OutOfMemoryError e) {
            throw new InputException(file + ": does not fit in memory, expected less than 2 GiB", e);
        }
    }

    /**
     * Creates or replaces a file, atomically.
     *
     * @throws InputException if its folder is not there or it cannot be written there
     * @throws OutputException if the disk is full or fails
     */
    public static void write(Path file, byte[] content) {
        try {
            AtomicFile.write(file, out -> out.write(content));
        } catch (IOException e) {
            throw unwritable(file + ":", e);
        }
    }

    /**
     * What a write that failed is to the user: a wrong place is wrong input, a disk that is full or fails is not.
     *
     * @param what names the place and what was to be written there
     * @return an {@link InputException} or an {@link OutputException}
     */
    public static RuntimeException unwritable(String what, IOException e) {
        String message = what + " cannot be written (" + reason(e) + ")";
        return isOfTheDisk(e) ? new OutputException(message, e) : new InputException(message, e);
    }

    /** Only what fails before anything is written, such as opening a file, is an exception of the file system. */
    private static boolean isOfTheDisk(IOException e) {
        return !(e instanceof FileSystemException) || FULL.contains(reason(e));
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file is in the way: " + e.getMessage();
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
