package io.udc.search.space;

/**
 * One choice that the search makes.
 *
 * @param index row in the logit table
 * @param name unique, for logs and reports
 * @param kind what is chosen
 * @param options how many there are to choose from, at least 1
 */
public record Decision(int index, String name, DecisionKind kind, int options) {

    /** Depth decisions have two options: {@value} leaves the block out, {@link #KEEP} keeps it. */
    public static final int SKIP = 0;

    public static final int KEEP = 1;
}
