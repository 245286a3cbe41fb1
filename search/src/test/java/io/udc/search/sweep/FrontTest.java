package io.udc.search.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Compression;
import io.udc.json.Json;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.report.FrontReport;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrontTest {

    private static final Compression DENSE = new Compression(8, 0);
    private static final Compression SPARSE = new Compression(4, 0.75);

    /** Uniform networks of 8 bits reach 50, 60 and 70% at 10, 20 and 40 kB, those of 4 bits 1 more. */
    private static List<FrontPoint> uniform() {
        List<FrontPoint> points = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long bytes = 10_000L << i;
            points.add(new FrontPoint("uniform 8-bit", DENSE, bytes, 1L, 50 + 10 * i, bytes));
            points.add(new FrontPoint("uniform 4-bit, 75% sparse", SPARSE, bytes, 1L, 51 + 10 * i, bytes));
        }
        return points;
    }

    @Test
    void aFoundNetworkIsHeldAgainstInterpolatedUniformOnes() {
        Front.Row row = frontWith(found(Math.sqrt(2) * 10_000, 65)).rows().get(0);

        assertEquals("uniform 8-bit", row.reference().against());
        assertEquals(65 - 55, row.reference().metric(), 1e-9);
        assertEquals(2, row.reference().smaller(), 1e-9);
        assertEquals(Gain.Bound.EXACT, row.reference().bound());
        assertEquals("uniform 4-bit, 75% sparse", row.best().against());
        assertEquals(65 - 56, row.best().metric(), 1e-9);
        assertEquals(20_000 * Math.pow(2, 0.4) / (Math.sqrt(2) * 10_000), row.best().smaller(), 1e-9);
    }

    @Test
    void whereTheGridEndsTheRatioIsABound() {
        Gain better = frontWith(found(20_000, 80)).rows().get(0).best();
        assertEquals(Gain.Bound.AT_LEAST, better.bound());
        assertEquals("> 2.00x", better.smallerText());

        Gain worse = frontWith(found(20_000, 40)).rows().get(0).best();
        assertEquals(Gain.Bound.AT_MOST, worse.bound());
        assertEquals("< 0.50x", worse.smallerText());
    }

    @Test
    void seedsAreAveragedBeforeTheyAreCompared() {
        FrontPoint first = new FrontPoint("found", null, 20_000, 1L, 60, 19_000);
        FrontPoint second = new FrontPoint("found", null, 20_000, 2L, 70, 21_000);
        Front front = frontWith(first, second);

        assertEquals(1, front.rows().size());
        assertEquals(65, front.rows().get(0).found().metric());
        assertEquals(20_000, front.rows().get(0).found().encodedBytes());
    }

    @Test
    void withoutUniformNetworksThereIsNothingToCompare() {
        Front front = Front.of("shapes", "accuracy", "ethos-u55-128", List.of(found(20_000, 60)));
        assertNull(front.rows().get(0).best());
        assertNull(front.rows().get(0).reference());
    }

    @Test
    void aFrontIsDrawnAndReadBack() {
        Front front = frontWith(found(15_000, 62), found(30_000, 69));
        FrontReport report = new FrontReport(front, RunConfig.builder(Task.SHAPES, "quick").build());
        assertTrue(report.toSvg().startsWith("<svg xmlns="), report.toSvg());
        assertTrue(report.toSvg().contains("best uniform"));
        assertTrue(report.toHtml().contains("uniform 4-bit, 75% sparse"));
        assertEquals(front, Json.parse(Json.text(front), Front.class, "front"));
    }

    @Test
    void gridsAreReadFromText() {
        assertEquals(20, UniformGrid.parse(UniformGrid.FULL).compressions().size());
        assertEquals(List.of(new Compression(8, 0), new Compression(8, 0.5)),
                UniformGrid.parse("8x0,0.5").compressions());
        assertEquals(
                List.of(new Compression(8, 0), new Compression(4, 0.5), new Compression(3, 0.5)),
                UniformGrid.parse("8x0+4,3x0.5+8x0").compressions(), "each of them once");
        for (String wrong : List.of("8", "8x", "9x0", "8x1", "8x0x1", "ax0")) {
            assertThrows(InputException.class, () -> UniformGrid.parse(wrong), wrong);
        }
    }

    private static FrontPoint found(double bytes, double metric) {
        return new FrontPoint("found", null, Math.round(bytes), 1L, metric, bytes);
    }

    private static Front frontWith(FrontPoint... found) {
        List<FrontPoint> points = new ArrayList<>(List.of(found));
        points.addAll(uniform());
        return Front.of("shapes", "accuracy", "ethos-u55-128", points);
    }
}
