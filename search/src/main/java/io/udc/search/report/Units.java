package io.udc.search.report;

import io.udc.search.run.Result;

/** A result's metric with its unit. */
final class Units {

    private Units() {}

    static String name(Result result) {
        return isPsnr(result) ? "PSNR" : "Accuracy";
    }

    static String metric(Result result) {
        return metric(result, result.metric());
    }

    static String metric(Result result, double value) {
        return metric(result.metricName(), value);
    }

    static String metric(String metricName, double value) {
        return Html.format(metricName.equals("psnr") ? "%.2f dB" : "%.2f%%", value);
    }

    private static boolean isPsnr(Result result) {
        return result.metricName().equals("psnr");
    }
}
