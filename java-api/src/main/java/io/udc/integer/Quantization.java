package io.udc.integer;

/**
 * How the int8 values q of a feature map stand for real numbers: real = scale * (q - zeroPoint).
 *
 * @param scale finite and above 0; float32, as TFLite stores it
 * @param zeroPoint the value that stands for 0, -128 to 127
 */
public record Quantization(float scale, int zeroPoint) {

    /** The least int8 value. */
    public static final int MIN = -128;

    /** The greatest int8 value. */
    public static final int MAX = 127;

    public Quantization {
        if (!(scale >= Float.MIN_NORMAL && scale <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("scale: found " + scale + ", expected a positive number");
        }
        if (zeroPoint < MIN || zeroPoint > MAX) {
            throw new IllegalArgumentException("zeroPoint: found " + zeroPoint + ", expected -128 to 127");
        }
    }

    /** The real number that q stands for. */
    public double real(int q) {
        return (double) scale * (q - zeroPoint);
    }
}
