package io.udc.files;

import io.udc.InputException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that are read and written in one piece, with errors that name them in one line. */
public final class WholeFile {

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
     * @throws InputException if its folder is not there or it cannot be written
     */
    public static void write(Path file, byte[] content) {
        try {
            AtomicFile.write(file, out -> out.write(content));
        } catch (IOException e) {
            throw new InputException(file + ": cannot be written (" + reason(e) + ")", e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
