package io.udc.search.space;

import java.util.List;

/** Range checks of the space's records; each message names the field, the value found and the range. */
final class Ranges {

    private Ranges() {}

    static void present(String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": found null, expected a value");
        }
    }

    static void within(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    field + ": found " + value + ", expected " + least + " to " + most);
        }
    }

    /** A copy of kernel extents to choose from. */
    static List<Integer> kernels(String field, List<Integer> kernels) {
        ascending(field, kernels, 1, 7);
        for (int kernel : kernels) {
            if (kernel % 2 == 0) {
                throw new IllegalArgumentException(field + ": found " + kernel + ", expected 1, 3, 5 or 7");
            }
        }
        return List.copyOf(kernels);
    }

    static void notEmpty(String field, List<?> values) {
        if (values == null || values.isEmpty()) {
            throw new IllegalArgumentException(field + ": found nothing, expected at least one entry");
        }
    }

    static <T extends Number> void ascending(String field, List<T> values, double least, double most) {
        notEmpty(field, values);
        within("the number of " + field, values.size(), 1, SearchSpace.MAX_OPTIONS);
        double previous = Double.NEGATIVE_INFINITY;
        for (T value : values) {
            present(field, value);
            double number = value.doubleValue();
            if (!(number >= least && number <= most)) {
                throw new IllegalArgumentException(
                        field + ": found " + value + ", expected " + least + " to " + most);
            }
            if (number <= previous) {
                throw new IllegalArgumentException(field + ": found " + values + ", expected ascending values");
            }
            previous = number;
        }
    }
}
