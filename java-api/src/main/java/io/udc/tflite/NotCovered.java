package io.udc.tflite;

/** Says why an operator has no counterpart in the latency model. */
final class NotCovered extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotCovered(String reason) {
        super(reason);
    }
}
