package io.udc.search.cli;

import io.udc.search.sweep.Front;
import io.udc.search.sweep.FrontPoint;
import io.udc.search.sweep.Gain;
import io.udc.units.ByteSize;
import java.util.Locale;

/** A front in plain text: every network, and the found ones beside the best uniform ones. */
final class FrontTable {

    private final Front front;

    FrontTable(Front front) {
        this.front = front;
    }

    @Override
    public String toString() {
        Table networks = new Table("network", "budget", front.metricName(), "encoded bytes");
        for (FrontPoint point : front.means()) {
            networks.row(point.name(), ByteSize.display(point.budgetBytes()), metric(point.metric()),
                    String.format(Locale.ROOT, "%,.0f", point.encodedBytes()));
        }
        if (front.rows().stream().allMatch(row -> row.best() == null)) {
            return networks.toString();
        }
        Table gains = new Table("found at", "over 8-bit", "smaller", "best uniform at its bytes",
                "over best", "smaller");
        for (Front.Row row : front.rows()) {
            gains.row(ByteSize.display(row.found().budgetBytes()), points(row.reference()), ratio(row.reference()),
                    row.best() == null ? "-" : row.best().against(), points(row.best()), ratio(row.best()));
        }
        return networks + "\n\n" + gains;
    }

    private static String points(Gain gain) {
        return gain == null ? "-" : String.format(Locale.ROOT, "%+.2f", gain.metric());
    }

    private static String ratio(Gain gain) {
        return gain == null ? "-" : gain.smallerText();
    }

    private String metric(double value) {
        return String.format(Locale.ROOT, front.metricName().equals("psnr") ? "%.2f dB" : "%.2f%%", value);
    }
}
