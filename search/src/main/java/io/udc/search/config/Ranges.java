package io.udc.search.config;

/** Range checks of configuration values; the messages name the field. */
final class Ranges {

    private Ranges() {}

    static void present(String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": found null, expected a value");
        }
    }

    static void within(String field, long value, long least, long greatest) {
        if (value < least || value > greatest) {
            throw new IllegalArgumentException(field + ": found " + value + ", expected "
                    + (greatest == Long.MAX_VALUE ? least + " or more" : least + " to " + greatest));
        }
    }

    static void positive(String field, double value) {
        if (!(value > 0)) {
            Object found = value == Math.rint(value) ? (Object) (long) value : value;
            throw new IllegalArgumentException(field + ": found " + found + ", expected more than 0");
        }
    }
}
