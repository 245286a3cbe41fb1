package io.udc.search.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear axis with round ticks.
 *
 * @param least value at the axis' start
 * @param greatest value at its end, above {@code least}
 * @param step distance of the ticks
 */
record Scale(double least, double greatest, double step) {

    /** An axis that holds all values from {@code low} to {@code high} with about {@code ticks} ticks. */
    static Scale covering(double low, double high, int ticks) {
        double span = high > low ? high - low : Math.max(Math.abs(high), 1) * 0.1;
        double raw = span / ticks;
        double magnitude = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = magnitude * 10;
        for (double factor : new double[] {1, 2, 2.5, 5}) {
            if (factor * magnitude >= raw) {
                step = factor * magnitude;
                break;
            }
        }
        double least = Math.floor(low / step) * step;
        double greatest = Math.ceil((high > low ? high : low + span) / step) * step;
        return new Scale(least, greatest, step);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        double first = Math.ceil(least / step - 1e-6);
        for (int i = 0; (first + i) * step <= greatest + step * 1e-6; i++) {
            ticks.add((first + i) * step);
        }
        return ticks;
    }

    /** Where a value lies, 0 at the start and 1 at the end. */
    double at(double value) {
        return (value - least) / (greatest - least);
    }
}
