package io.udc;

/**
 * A file cannot be written though its place is right, such as on a full disk. The message is one line that names the
 * file and the reason; the command line prints it and ends with exit code 1.
 */
public final class OutputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }
}
