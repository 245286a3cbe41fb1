package io.udc.search.space;

import java.util.Arrays;

/** One option for every decision of a space: a single network. Immutable. */
public final class Choices {

    private final int[] options;

    /**
     * @param options the option of each decision, by decision index
     */
    public Choices(int[] options) {
        this.options = options.clone();
    }

    public int option(int decision) {
        return options[decision];
    }

    /** The same network but for one decision. */
    public Choices with(int decision, int option) {
        Choices changed = new Choices(options);
        changed.options[decision] = option;
        return changed;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Choices choices && Arrays.equals(options, choices.options);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(options);
    }

    @Override
    public String toString() {
        return Arrays.toString(options);
    }
}
