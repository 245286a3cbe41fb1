package io.udc.search.sweep;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a sweep has reached: front.json.
 *
 * @param task name of the task
 * @param metricName {@code accuracy} (percent) or {@code psnr} (dB)
 * @param npu name of the accelerator
 * @param points every network, one for each seed
 * @param rows the found networks, means over the seeds, beside uniform ones
 */
public record Front(String task, String metricName, String npu, List<FrontPoint> points, List<Row> rows) {

    /** The uniform network that every other is held against. */
    public static final String REFERENCE = "uniform 8-bit";

    public Front {
        points = List.copyOf(points);
        rows = List.copyOf(rows);
    }

    /**
     * A found network beside uniform ones.
     *
     * @param found mean over the seeds
     * @param reference against uniform networks of 8 bits; null if there are none
     * @param best against the best uniform network at these bytes; null if there are none
     */
    public record Row(FrontPoint found, Gain reference, Gain best) {}

    /** Compares the networks. */
    static Front of(String task, String metricName, String npu, List<FrontPoint> points) {
        List<FrontPoint> means = means(points);
        List<UniformCurve> curves = curves(means);
        List<UniformCurve> references =
                curves.stream().filter(curve -> curve.name().equals(REFERENCE)).toList();
        List<Row> rows = means.stream()
                .filter(point -> point.compression() == null)
                .map(point -> new Row(
                        point,
                        references.isEmpty() ? null : Gain.of(point, references),
                        curves.isEmpty() ? null : Gain.of(point, curves)))
                .toList();
        return new Front(task, metricName, npu, points, rows);
    }

    /** The networks' means over their seeds, in order of name and budget. */
    @JsonIgnore
    public List<FrontPoint> means() {
        return means(points);
    }

    private static List<FrontPoint> means(List<FrontPoint> points) {
        Map<String, List<FrontPoint>> alike = group(points, point -> point.name() + " " + point.budgetBytes());
        List<FrontPoint> means = new ArrayList<>();
        alike.values().forEach(group -> means.add(FrontPoint.mean(group)));
        return means;
    }

    private static List<UniformCurve> curves(List<FrontPoint> means) {
        List<FrontPoint> uniform =
                means.stream().filter(point -> point.compression() != null).toList();
        List<UniformCurve> curves = new ArrayList<>();
        group(uniform, FrontPoint::name).forEach((name, group) -> curves.add(new UniformCurve(name, group)));
        return curves;
    }

    private static Map<String, List<FrontPoint>> group(
            List<FrontPoint> points, Function<FrontPoint, String> key) {
        return points.stream().collect(Collectors.groupingBy(key, LinkedHashMap::new, Collectors.toList()));
    }
}
