package io.udc.search.report;

import io.udc.search.config.RunConfig;
import io.udc.search.sweep.Front;
import io.udc.search.sweep.FrontPoint;
import io.udc.search.sweep.Gain;
import io.udc.units.ByteSize;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A front as a picture and as a page. */
public final class FrontReport {

    private static final double KIB = 1024;

    private final Front front;
    private final RunConfig config;

    /** @param config what the front's runs have in common */
    public FrontReport(Front front, RunConfig config) {
        this.front = front;
        this.config = config;
    }

    /** The front as an SVG file that stands by itself. */
    public String toSvg() {
        if (front.points().isEmpty()) {
            return "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n";
        }
        return chart().toSvg().replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
                .replaceFirst(">", "><style>" + Html.style() + "</style>");
    }

    /** The whole page. */
    public String toHtml() {
        StringBuilder body = new StringBuilder();
        if (!front.points().isEmpty()) {
            body.append("<section><figure>").append(chart().toSvg()).append("</figure></section>\n");
        }
        if (!front.rows().isEmpty()) {
            body.append(gains());
        }
        body.append(networks());
        body.append(Html.configuration(config));
        return Html.page("UDC sweep: " + front.task(), front.task() + ": " + front.metricName() + " over encoded size",
                Html.format("preset %s on %s", config.preset(), front.npu()), body.toString());
    }

    private Chart chart() {
        Chart chart = new Chart(front.metricName() + " over encoded size", "encoded KiB")
                .yFormat(value -> Units.metric(front.metricName(), value));
        List<FrontPoint> means = front.means();
        line(chart, "found", means.stream().filter(point -> point.compression() == null).toList());
        line(chart, "best uniform", best(means));
        line(chart, Front.REFERENCE,
                means.stream().filter(point -> point.name().equals(Front.REFERENCE)).toList());
        return chart;
    }

    private static void line(Chart chart, String name, List<FrontPoint> points) {
        List<FrontPoint> sorted = new ArrayList<>(points);
        sorted.sort(Comparator.comparingDouble(FrontPoint::encodedBytes));
        chart.line(name, sorted.stream().map(point -> point.encodedBytes() / KIB).toList(),
                sorted.stream().map(FrontPoint::metric).toList());
    }

    /** The uniform network with the greatest metric at each budget. */
    private static List<FrontPoint> best(List<FrontPoint> means) {
        Map<Long, FrontPoint> best = new TreeMap<>();
        means.stream().filter(point -> point.compression() != null).forEach(point ->
                best.merge(point.budgetBytes(), point, (a, b) -> a.metric() >= b.metric() ? a : b));
        return List.copyOf(best.values());
    }

    private String gains() {
        StringBuilder html = new StringBuilder("<section><h2>Against uniform compression</h2>\n<div class=\"scroll\">"
                + "<table><thead><tr><th>budget</th><th class=\"n\">found</th><th class=\"n\">encoded</th>"
                + "<th class=\"n\">over 8-bit</th><th class=\"n\">smaller than 8-bit</th><th>best uniform</th>"
                + "<th class=\"n\">over best</th><th class=\"n\">smaller than best</th></tr></thead><tbody>\n");
        for (Front.Row row : front.rows()) {
            html.append(Html.format("<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>%s<td>%s</td>%s</tr>\n",
                    ByteSize.display(row.found().budgetBytes()), Units.metric(front.metricName(), row.found().metric()),
                    ByteSize.display(row.found().encodedBytes()), cells(row.reference()),
                    row.best() == null ? "" : Html.escape(row.best().against()), cells(row.best())));
        }
        return html.append("</tbody></table></div></section>\n").toString();
    }

    private static String cells(Gain gain) {
        return gain == null
                ? "<td></td><td></td>"
                : Html.format("<td class=\"n\">%+.2f</td><td class=\"n\">%s</td>", gain.metric(),
                        Html.escape(gain.smallerText()));
    }

    /** The metric of every network, a row for each name and a column for each budget. */
    private String networks() {
        Map<String, Map<Long, FrontPoint>> rows = new LinkedHashMap<>();
        TreeMap<Long, Boolean> budgets = new TreeMap<>();
        for (FrontPoint point : front.means()) {
            rows.computeIfAbsent(point.name(), name -> new TreeMap<>()).put(point.budgetBytes(), point);
            budgets.put(point.budgetBytes(), true);
        }
        StringBuilder html = new StringBuilder("<section><h2>Networks</h2>\n<div class=\"scroll\"><table><thead><tr>"
                + "<th>network</th>");
        budgets.keySet().forEach(budget ->
                html.append("<th class=\"n\">").append(ByteSize.display(budget)).append("</th>"));
        html.append("</tr></thead><tbody>\n");
        rows.forEach((name, points) -> {
            html.append("<tr><td>").append(Html.escape(name)).append("</td>");
            for (long budget : budgets.keySet()) {
                FrontPoint point = points.get(budget);
                html.append("<td class=\"n\">")
                        .append(point == null ? "" : Units.metric(front.metricName(), point.metric()))
                        .append("</td>");
            }
            html.append("</tr>\n");
        });
        return html.append("</tbody></table></div></section>\n").toString();
    }
}
