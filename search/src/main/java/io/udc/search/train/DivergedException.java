package io.udc.search.train;

/** The loss of a training is no longer a number; the message says when and what may help. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DivergedException(String phase, int epoch, double learningRate) {
        super(phase + ": the loss is not a number in epoch " + epoch + " at learning rate " + learningRate
                + "; a lower learning rate or gradientClipping may help");
    }
}
