package io.udc.search.train;

/** Range checks of the configuration; the messages name the field. */
final class TrainingRanges {

    private TrainingRanges() {}

    static void present(String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": found null, expected a value");
        }
    }

    static void within(String field, double value, double least, double greatest) {
        if (!(value >= least && value <= greatest)) {
            throw new IllegalArgumentException(
                    field + ": found " + text(value) + ", expected " + text(least) + " to " + text(greatest));
        }
    }

    static void above(String field, double value, double bound, double greatest) {
        if (!(value > bound && value <= greatest)) {
            throw new IllegalArgumentException(field + ": found " + text(value) + ", expected above " + text(bound)
                    + " and at most " + text(greatest));
        }
    }

    static void below(String field, double value, double least, double bound) {
        if (!(value >= least && value < bound)) {
            throw new IllegalArgumentException(
                    field + ": found " + text(value) + ", expected " + text(least) + " to below " + text(bound));
        }
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value) : "" + value;
    }
}
