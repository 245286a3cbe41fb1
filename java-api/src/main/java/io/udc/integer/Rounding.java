package io.udc.integer;

import io.udc.arch.Convolution;
import io.udc.arch.Dense;
import io.udc.arch.Node;

/** How the 64-bit product of an accumulator and a multiplier becomes an integer. */
public enum Rounding {
    /**
     * A rounding doubling high multiply followed by a right shift that rounds half away from zero:
     * {@code MultiplyByQuantizedMultiplier} of TFLite's reference kernels (tensorflow/lite/kernels/internal/common.h
     * and gemmlowp's fixedpoint.h).
     */
    TFLITE_REFERENCE {
        @Override
        public int shiftRight(int value, int bits) {
            int mask = (int) ((1L << bits) - 1);
            int remainder = value & mask;
            int threshold = (mask >>> 1) + (value < 0 ? 1 : 0);
            return (value >> bits) + (Integer.compareUnsigned(remainder, threshold) > 0 ? 1 : 0);
        }
    },

    /** The same, but the right shift rounds half up, as the matrix products of TFLite's optimised kernels do on x86. */
    HALF_UP {
        @Override
        public int shiftRight(int value, int bits) {
            return bits == 0 ? value : (int) (((long) value + (1L << (bits - 1))) >> bits);
        }
    };

    /**
     * How TensorFlow Lite 2.20 rounds on x86 without delegates, as its outputs show: half up where it multiplies
     * matrices, which are convolutions and dense layers, and as its reference kernels do in all other operators.
     */
    public static Rounding ofTfliteOnX86(Node node) {
        return node instanceof Convolution || node instanceof Dense ? HALF_UP : TFLITE_REFERENCE;
    }

    /**
     * value / 2^bits, rounded.
     *
     * @param bits 0 to 31
     */
    public abstract int shiftRight(int value, int bits);

    /** (a * b) / 2^31, rounded half up; b is at least 0, so that nothing saturates. */
    static int doublingHighMultiply(int a, int b) {
        return (int) (((long) a * b + (1L << 30)) >> 31);
    }
}
