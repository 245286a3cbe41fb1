package io.udc.search.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;

/**
 * A chart of lines or points as SVG. Values that are not finite are left out.
 *
 * <pre>{@code
 * String svg = new Chart("Loss", "epoch").line("training", epochs, losses).toSvg();
 * }</pre>
 */
final class Chart {

    private static final int WIDTH = 560;
    private static final int HEIGHT = 280;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 40;
    private static final int BOTTOM = 44;

    private record Point(double x, double y, String label) {}

    private record Series(String name, List<Point> points, boolean joined, int colour) {}

    private record Reference(String name, double y) {}

    private record Band(String name, double from, double to) {}

    private final String title;
    private final String xTitle;
    private final List<Series> series = new ArrayList<>();
    private final List<Reference> references = new ArrayList<>();
    private final List<Band> bands = new ArrayList<>();
    private DoubleFunction<String> yFormat = value -> number(value);
    private boolean fromZero;

    Chart(String title, String xTitle) {
        this.title = title;
        this.xTitle = xTitle;
    }

    Chart line(String name, List<Double> x, List<Double> y) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < x.size(); i++) {
            if (y.get(i) != null && Double.isFinite(y.get(i))) {
                points.add(new Point(x.get(i), y.get(i), ""));
            }
        }
        if (!points.isEmpty()) {
            series.add(new Series(name, points, true, series.size()));
        }
        return this;
    }

    /** A labelled point. */
    Chart point(String name, double x, double y) {
        series.add(new Series(name, List.of(new Point(x, y, name)), false, series.size()));
        return this;
    }

    /** A dashed horizontal line. */
    Chart reference(String name, double y) {
        references.add(new Reference(name, y));
        return this;
    }

    /** A named stretch of the x axis. */
    Chart band(String name, double from, double to) {
        bands.add(new Band(name, from, to));
        return this;
    }

    Chart yFormat(DoubleFunction<String> format) {
        yFormat = format;
        return this;
    }

    Chart fromZero() {
        fromZero = true;
        return this;
    }

    boolean isEmpty() {
        return series.isEmpty();
    }

    String toSvg() {
        double[] x = range(true);
        double[] y = range(false);
        boolean joined = series.stream().anyMatch(Series::joined);
        Scale xScale = joined
                ? new Scale(x[0], Math.max(x[1], x[0] + 1), niceStep(x[0], x[1]))
                : Scale.covering(x[0] - (x[1] - x[0]) * 0.08, x[1] + (x[1] - x[0]) * 0.08, 5);
        Scale yScale = joined
                ? Scale.covering(fromZero ? Math.min(0, y[0]) : y[0], y[1], 5)
                : Scale.covering(y[0] - (y[1] - y[0]) * 0.08, y[1] + (y[1] - y[0]) * 0.08, 5);
        StringBuilder svg = new StringBuilder(Html.format(
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, Html.escape(title)));
        svg.append(Html.format("<text class=\"title\" x=\"0\" y=\"14\">%s</text>\n", Html.escape(title)));
        bands(svg, xScale);
        axes(svg, xScale, yScale);
        for (Reference reference : references) {
            double at = py(yScale, reference.y());
            svg.append(Html.format(
                    "<line class=\"reference\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"note\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                    LEFT, WIDTH - RIGHT, at, at, LEFT + 6, at - 5, Html.escape(reference.name())));
        }
        series.forEach(one -> draw(svg, one, xScale, yScale));
        legend(svg);
        return svg.append("</svg>\n").toString();
    }

    private void bands(StringBuilder svg, Scale xScale) {
        for (int i = 0; i < bands.size(); i++) {
            Band band = bands.get(i);
            double from = px(xScale, band.from());
            double to = px(xScale, band.to());
            if (i % 2 == 1) {
                svg.append(Html.format(
                        "<rect class=\"band\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                        from, TOP, to - from, HEIGHT - TOP - BOTTOM));
            }
            if (to - from > 6.2 * band.name().length()) {
                svg.append(Html.format(
                        "<text class=\"note\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                        (from + to) / 2, TOP + 12, Html.escape(band.name())));
            }
        }
    }

    private void axes(StringBuilder svg, Scale xScale, Scale yScale) {
        for (double tick : yScale.ticks()) {
            double at = py(yScale, tick);
            svg.append(Html.format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                    LEFT, WIDTH - RIGHT, at, at, LEFT - 8, at + 4, Html.escape(yFormat.apply(tick))));
        }
        for (double tick : xScale.ticks()) {
            svg.append(Html.format(
                    "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                    px(xScale, tick), HEIGHT - BOTTOM + 18, Html.escape(number(tick))));
        }
        svg.append(Html.format(
                "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>"
                        + "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM, HEIGHT - BOTTOM,
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, Html.escape(xTitle)));
    }

    private void draw(StringBuilder svg, Series one, Scale xScale, Scale yScale) {
        if (one.joined() && one.points().size() > 1) {
            svg.append(Html.format("<polyline class=\"c%d\" points=\"", one.colour() % 6));
            one.points().forEach(point ->
                    svg.append(Html.format("%.1f,%.1f ", px(xScale, point.x()), py(yScale, point.y()))));
            svg.append("\"/>\n");
        }
        boolean dots = !one.joined() || one.points().size() < 40;
        for (Point point : one.points()) {
            double at = px(xScale, point.x());
            if (dots) {
                svg.append(Html.format(
                        "<circle class=\"c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s: %s at %s</title></circle>\n",
                        one.colour() % 6, at, py(yScale, point.y()), one.joined() ? "2.5" : "6",
                        Html.escape(one.name()), Html.escape(yFormat.apply(point.y())),
                        Html.escape(number(point.x()))));
            }
            if (!point.label().isEmpty()) {
                boolean right = at < (LEFT + WIDTH - RIGHT) / 2.0;
                svg.append(Html.format(
                        "<text class=\"label\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
                        at + (right ? 11 : -11), py(yScale, point.y()) + 4, right ? "start" : "end",
                        Html.escape(point.label())));
            }
        }
    }

    private void legend(StringBuilder svg) {
        List<Series> lines = series.stream().filter(Series::joined).toList();
        if (lines.size() < 2) {
            return;
        }
        double x = WIDTH - RIGHT;
        for (int i = lines.size() - 1; i >= 0; i--) {
            Series one = lines.get(i);
            x -= 6.6 * one.name().length();
            svg.append(Html.format(
                    "<text class=\"tick\" x=\"%.1f\" y=\"30\">%s</text><rect class=\"key c%d\" x=\"%.1f\" y=\"22\" "
                            + "width=\"10\" height=\"10\" rx=\"2\"/>\n",
                    x, Html.escape(one.name()), one.colour() % 6, x - 15));
            x -= 30;
        }
    }

    private double[] range(boolean ofX) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (Series one : series) {
            for (Point point : one.points()) {
                low = Math.min(low, ofX ? point.x() : point.y());
                high = Math.max(high, ofX ? point.x() : point.y());
            }
        }
        for (Reference reference : ofX ? List.<Reference>of() : references) {
            low = Math.min(low, reference.y());
            high = Math.max(high, reference.y());
        }
        for (Band band : ofX ? bands : List.<Band>of()) {
            low = Math.min(low, band.from());
            high = Math.max(high, band.to());
        }
        return new double[] {low, high};
    }

    private static double niceStep(double low, double high) {
        return Math.max(1, Scale.covering(low, Math.max(high, low + 1), 8).step());
    }

    private static double px(Scale scale, double value) {
        return LEFT + scale.at(value) * (WIDTH - RIGHT - LEFT);
    }

    private static double py(Scale scale, double value) {
        return HEIGHT - BOTTOM - scale.at(value) * (HEIGHT - BOTTOM - TOP);
    }

    private static String number(double value) {
        if (value == 0) {
            return "0";
        }
        String text = Html.format(Math.abs(value) < 0.01 ? "%.1e" : "%.3f", value);
        return text.contains("e") ? text : text.replaceFirst("\\.?0+$", "");
    }
}
