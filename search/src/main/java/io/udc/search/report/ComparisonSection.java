package io.udc.search.report;

import io.udc.search.run.Result;
import io.udc.search.run.Result.Competitor;
import io.udc.units.ByteSize;

/** The found network beside uniform ones of the same recipe. */
final class ComparisonSection {

    private final Result result;

    ComparisonSection(Result result) {
        this.result = result;
    }

    String toHtml() {
        return "<section><h2>Against uniform compression</h2>\n<div class=\"two\">" + table() + "<figure>"
                + chart().toSvg() + "</figure></div></section>\n";
    }

    private String table() {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table><thead><tr><th>network</th>"
                + "<th class=\"n\">" + Units.name(result) + "</th><th class=\"n\">encoded</th>"
                + "<th class=\"n\">found is</th></tr></thead><tbody>\n");
        html.append(row("found", result.metric(), result.encodedBytes(), "", "found"));
        for (Competitor competitor : result.competitors()) {
            double difference = result.metric() - competitor.metric();
            String unit = result.metricName().equals("psnr") ? "dB" : "points";
            html.append(row(competitor.name(), competitor.metric(), competitor.encodedBytes(),
                    Html.format("%+.2f %s", difference, unit), difference >= 0 ? "better" : "worse"));
        }
        return html.append("</tbody></table></div>").toString();
    }

    private String row(String name, double metric, long bytes, String difference, String style) {
        return Html.format(
                "<tr class=\"%s\"><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
                        + "<td class=\"n d\">%s</td></tr>\n",
                style, Html.escape(name), Units.metric(result, metric), ByteSize.display(bytes), difference);
    }

    private Chart chart() {
        Chart chart = new Chart(Units.name(result) + " over encoded size", "encoded KiB")
                .yFormat(value -> Units.metric(result, value));
        chart.point("found", new ByteSize(result.encodedBytes()).kibibytes(), result.metric());
        for (Competitor competitor : result.competitors()) {
            chart.point(competitor.name(), new ByteSize(competitor.encodedBytes()).kibibytes(), competitor.metric());
        }
        return chart;
    }
}
