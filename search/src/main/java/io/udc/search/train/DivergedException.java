package io.udc.search.train;

/** The loss of a training or a search is no longer a number; the message says when and what may help. */
public final class DivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param phase such as {@code search}
     * @param when such as {@code epoch 3}
     * @param help what may help
     */
    public DivergedException(String phase, String when, double learningRate, String help) {
        super(phase + ": the loss is not a number in " + when + " at learning rate " + learningRate + "; " + help
                + " may help");
    }
}
