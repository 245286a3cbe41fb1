package io.udc.search;

/** A run has stopped because it was asked to; what it had reached is in its last checkpoint, if it made one. */
public final class CancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CancelledException() {
        super("stopped on request");
    }

    /** @param message what the stop means for the run, in one line */
    public CancelledException(String message, CancelledException cause) {
        super(message, cause);
    }
}
