package io.udc.integer;

/**
 * A positive real factor as the hardware holds it: multiplier / 2^shift, the last fields of a scale/bias record
 * (docs/weight-stream.md, section 13.7).
 *
 * @param multiplier 0, or 2^30 to 2^31 (2^31 itself is allowed)
 * @param shift 0 to 63
 */
public record Requantization(long multiplier, int shift) {

    private static final long TWO_31 = 1L << 31;

    public Requantization {
        if (multiplier < 0 || multiplier > TWO_31) {
            throw new IllegalArgumentException("multiplier: found " + multiplier + ", expected 0 to 2^31");
        }
        if (shift < 0 || shift > 63) {
            throw new IllegalArgumentException("shift: found " + shift + ", expected 0 to 63");
        }
    }

    /**
     * The nearest representation: factor = m * 2^e with 0.5 &lt;= m &lt; 1, multiplier = round(m * 2^31) and
     * shift = 31 - e. A factor whose shift is not within 0 to 63 gives multiplier 0 and shift 16.
     *
     * @param factor finite, 0 or more
     */
    public static Requantization of(double factor) {
        if (!(factor >= 0 && factor <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException("factor: found " + factor + ", expected a number from 0");
        }
        if (factor == 0) {
            return new Requantization(0, 31);
        }
        int shift = 30 - Math.getExponent(factor);
        if (shift < 0 || shift > 63) {
            return new Requantization(0, 16);
        }
        return new Requantization(Math.round(Math.scalb(factor, shift)), shift);
    }

    /** The factor that this stands for. */
    public double factor() {
        return Math.scalb((double) multiplier, -shift);
    }

    /** TFLite's multiplier: 0, or 2^30 to 2^31 - 1; 0 also for factors below 2^-32, as TFLite has it. */
    int tfliteMultiplier() {
        if (tfliteShift() < -31) {
            return 0;
        }
        return (int) (multiplier == TWO_31 ? multiplier >> 1 : multiplier);
    }

    /** TFLite's shift: the factor is tfliteMultiplier * 2^(this - 31). */
    int tfliteShift() {
        return 31 - shift + (multiplier == TWO_31 ? 1 : 0);
    }

    /** Bits by which a value is shifted left before it is multiplied. */
    int leftShift() {
        return Math.max(tfliteShift(), 0);
    }

    /** Bits by which the high part of the product is shifted right. */
    int rightShift() {
        return Math.min(Math.max(-tfliteShift(), 0), 31);
    }

    /**
     * value * multiplier / 2^shift in TFLite's integer arithmetic.
     *
     * @param value such that value * 2^leftShift fits 32 bits, which {@link IntegerModel} checks for a whole layer
     */
    public int apply(int value, Rounding rounding) {
        return rounding.shiftRight(
                Rounding.doublingHighMultiply(value << leftShift(), tfliteMultiplier()), rightShift());
    }
}
