package io.udc;

/**
 * Something that the user gave is wrong: a path, a flag, a field of a JSON file, the bytes of a data set or of a
 * model. The message is one line that names the place, the value found and the value expected; the command line
 * prints it and ends with exit code 2.
 */
public final class InputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
