package io.udc.search.space;

import java.util.List;

/**
 * A number of channels or a kernel extent that may be open: the option that a decision chooses, or one fixed value.
 *
 * @param decision index of the decision, or {@link #FIXED}
 * @param options the values, ascending; just one if fixed
 */
public record Extent(int decision, List<Integer> options) {

    public static final int FIXED = -1;

    public Extent {
        options = List.copyOf(options);
        if (decision == FIXED && options.size() != 1) {
            throw new IllegalArgumentException("a fixed extent has one value, found " + options);
        }
    }

    public static Extent fixed(int value) {
        return new Extent(FIXED, List.of(value));
    }

    public boolean isFixed() {
        return decision == FIXED;
    }

    /** The largest option, which the shared weights are made for. */
    public int largest() {
        return options.get(options.size() - 1);
    }

    /** The value that these choices select. */
    public int in(Choices choices) {
        return isFixed() ? options.get(0) : options.get(choices.option(decision));
    }

    /** The index of the option that these choices select. */
    public int optionIn(Choices choices) {
        return isFixed() ? 0 : choices.option(decision);
    }
}
