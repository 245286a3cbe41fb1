package io.udc.search.train;

import java.util.Locale;

/** What networks of a task are judged by; more is better. */
public enum Metric {
    /** Share of the pictures in their class, in percent. */
    ACCURACY("%", 0.3),
    /** Mean peak signal-to-noise ratio of the pictures' luma, in dB. */
    PSNR(" dB", 0.1);

    private final String unit;
    private final double greatestGap;

    Metric(String unit, double greatestGap) {
        this.unit = unit;
        this.greatestGap = greatestGap;
    }

    /** The greatest difference between the fake-quantized and the integer network that is not a defect. */
    double greatestGap() {
        return greatestGap;
    }

    /** A value with its unit, two places. */
    public String display(double value) {
        return String.format(Locale.ROOT, "%.2f%s", value, unit);
    }

    /** The name in result.json. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
