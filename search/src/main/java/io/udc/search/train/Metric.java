package io.udc.search.train;

import java.util.Locale;

/** What networks of a task are judged by; more is better. */
public enum Metric {
    /** Share of the pictures in their class, in percent. */
    ACCURACY("%"),
    /** Mean peak signal-to-noise ratio of the pictures' luma, in dB. */
    PSNR(" dB");

    private final String unit;

    Metric(String unit) {
        this.unit = unit;
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
