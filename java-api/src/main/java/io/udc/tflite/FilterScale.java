package io.udc.tflite;

import io.udc.integer.ChannelRecord;
import io.udc.integer.Quantization;
import io.udc.integer.Requantization;
import io.udc.integer.Rounding;

/**
 * The filter scale and the bias by which TFLite computes what a channel's record says.
 *
 * <p>TFLite knows no multipliers: it derives them from float32 scales, as input scale * filter scale / output scale
 * in float64. A record that was made so is met exactly. Of 31-bit multipliers in general a float32, with its 24
 * bits, meets one in 128; then the outputs of all accumulators that the channel can have are compared.
 *
 * @param scale the filter scale of the channel
 * @param bias in units of input scale times filter scale
 * @param deviating accumulators whose output differs from the record's, of those that the channel can have
 */
record FilterScale(float scale, int bias, long deviating) {

    /** Floats on either side of the nearest one that are tried. */
    private static final int NEIGHBOURS = 4;

    /** Stands in for the factor 0: small enough that every output is the zero point. */
    private static final double VANISHING_FACTOR = 0x1p-40;

    /**
     * The values that a channel's accumulator can have, its bias included.
     *
     * @param least the least of them
     * @param greatest the greatest of them
     */
    record Accumulators(int least, int greatest) {

        /**
         * Of a channel.
         *
         * @param weights of the layer, of which those from begin to before end are the channel's
         */
        static Accumulators of(byte[] weights, int begin, int end, int bias, int inputZeroPoint) {
            int low = Quantization.MIN - inputZeroPoint;
            int high = Quantization.MAX - inputZeroPoint;
            int least = bias;
            int greatest = bias;
            for (int i = begin; i < end; i++) {
                least += weights[i] * (weights[i] > 0 ? low : high);
                greatest += weights[i] * (weights[i] > 0 ? high : low);
            }
            return new Accumulators(least, greatest);
        }
    }

    /**
     * The float32 scale for a channel: one that gives the record's multiplier, else one that gives its outputs, else
     * the one that gives most of them.
     *
     * @throws IllegalArgumentException if the scale would leave the range of float32
     */
    static FilterScale of(ChannelRecord record, Accumulators accumulators, Quantization input, Quantization output) {
        double factor = record.rescale().factor();
        double wanted = (factor == 0 ? VANISHING_FACTOR : factor) * output.scale() / input.scale();
        float nearest = (float) wanted;
        if (!(nearest >= Float.MIN_NORMAL && nearest <= Float.MAX_VALUE)) {
            throw new IllegalArgumentException("found the filter scale " + wanted + ", expected a float32");
        }
        FilterScale best = null;
        float candidate = nearest;
        for (int step = 0; step <= 2 * NEIGHBOURS; step++) {
            candidate = neighbour(nearest, step);
            Requantization rescale = tfliteRescale(input, candidate, output);
            if (rescale.factor() == factor) {
                return new FilterScale(candidate, record.bias(), 0);
            }
            long deviating = deviating(record.rescale(), rescale, accumulators, output);
            if (best == null || deviating < best.deviating) {
                best = new FilterScale(candidate, record.bias(), deviating);
            }
        }
        return best;
    }

    /** What TFLite makes of scales. */
    private static Requantization tfliteRescale(Quantization input, float filter, Quantization output) {
        return Requantization.of((double) input.scale() * filter / output.scale());
    }

    /** The nearest float itself, then those below and above it in turn. */
    private static float neighbour(float nearest, int step) {
        int distance = (step + 1) / 2;
        return Float.intBitsToFloat(Float.floatToIntBits(nearest) + (step % 2 == 0 ? distance : -distance));
    }

    /**
     * Accumulators of which two factors make different outputs, by any of the roundings. Outputs grow with the
     * accumulator, so it is enough to know where each output value begins.
     */
    private static long deviating(
            Requantization one, Requantization other, Accumulators accumulators, Quantization output) {
        long most = 0;
        for (Rounding rounding : Rounding.values()) {
            long count = 0;
            int first = clamped(one, accumulators.least, rounding, output);
            int last = clamped(one, accumulators.greatest, rounding, output);
            first = Math.min(first, clamped(other, accumulators.least, rounding, output));
            last = Math.max(last, clamped(other, accumulators.greatest, rounding, output));
            for (int value = first + 1; value <= last; value++) {
                count += Math.abs(begin(one, value, accumulators, rounding, output)
                        - begin(other, value, accumulators, rounding, output));
            }
            most = Math.max(most, count);
        }
        return most;
    }

    /** The least accumulator whose output is at least a value; one more than the greatest if there is none. */
    private static long begin(
            Requantization rescale, int value, Accumulators accumulators, Rounding rounding, Quantization output) {
        long low = accumulators.least;
        long high = accumulators.greatest + 1L;
        while (low < high) {
            long middle = Math.floorDiv(low + high, 2L);
            if (clamped(rescale, (int) middle, rounding, output) >= value) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static int clamped(Requantization rescale, int accumulator, Rounding rounding, Quantization output) {
        int value = rescale.apply(accumulator, rounding) + output.zeroPoint();
        return Math.min(Math.max(value, Quantization.MIN), Quantization.MAX);
    }
}
