package io.udc.arch;

/** Range checks that the nodes share. */
final class Checks {

    private Checks() {}

    static void present(String node, String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(node + "." + field + ": found null, expected a value");
        }
    }

    static void atLeastOne(String node, String field, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(node + "." + field + ": found " + value + ", expected at least 1");
        }
    }

    static void window(String node, int kernel, int stride) {
        if (kernel < 1 || kernel % 2 == 0 || kernel > 7) {
            throw new IllegalArgumentException(node + ".kernel: found " + kernel + ", expected 1, 3, 5 or 7");
        }
        if (stride < 1 || stride > 3) {
            throw new IllegalArgumentException(node + ".stride: found " + stride + ", expected 1 to 3");
        }
    }

    static Shape windowed(Shape input, int outChannels, int stride) {
        return new Shape(
                outChannels,
                (input.height() + stride - 1) / stride,
                (input.width() + stride - 1) / stride);
    }
}
