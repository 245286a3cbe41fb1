package io.udc.data;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How 8-bit pixels become the network's input. The integer network reads q = pixel - 128, and its real value
 * is {@code scale * (q - zeroPoint)}. An int8 tensor has one scale and one zero point, so there is one of
 * each for the three colours together: mean and deviation are pooled over the channels, where a float network
 * could have three.
 *
 * @param scale real value of one step of q, above 0
 * @param zeroPoint the q whose real value is 0, -128 to 127
 */
public record Normalization(double scale, int zeroPoint) {

    /** Difference between a pixel and its q. */
    public static final int PIXEL_OFFSET = 128;

    public Normalization {
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale: found " + scale + ", expected a number above 0");
        }
        if (zeroPoint < -128 || zeroPoint > 127) {
            throw new IllegalArgumentException("zeroPoint: found " + zeroPoint + ", expected -128 to 127");
        }
    }

    /**
     * The normalisation that gives pixels a mean close to 0 and a deviation of 1.
     *
     * @param mean per channel, of pixels divided by 255
     * @param deviation per channel, of pixels divided by 255
     */
    public static Normalization of(double[] mean, double[] deviation) {
        double first = 0;
        double second = 0;
        for (int channel = 0; channel < mean.length; channel++) {
            first += mean[channel] / mean.length;
            second += (mean[channel] * mean[channel] + deviation[channel] * deviation[channel]) / mean.length;
        }
        double pooled = Math.sqrt(second - first * first);
        return new Normalization(1 / (255 * pooled), (int) Math.round(255 * first) - PIXEL_OFFSET);
    }

    /**
     * The network's real input: {@code scale * (pixel - 128 - zeroPoint)}. Everything it makes belongs to the
     * scope that is open on the calling thread.
     *
     * @param images uint8 [N,C,H,W], on any device; left as it is
     * @return float32 [N,C,H,W] on the same device
     */
    public Tensor toFloat(Tensor images) {
        Tensor real = images.to(torch.ScalarType.Float, false, true, new MemoryFormatOptional());
        real.sub_(new Scalar((double) (PIXEL_OFFSET + zeroPoint)));
        real.mul_(new Scalar(scale));
        return real;
    }
}
