package io.udc.search.supernet;

/** The search's loss stopped being a number. */
public final class SearchDivergedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SearchDivergedException(long step, double learningRate) {
        super("the search's loss is not a number at step " + step + "; try a learning rate below " + learningRate);
    }
}
