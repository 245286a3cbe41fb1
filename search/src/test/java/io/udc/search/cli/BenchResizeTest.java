package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class BenchResizeTest {

    @Test
    void reductionsAreTimedBesideOpenCvsAtEveryScale() {
        JsonNode rows = new CliFixture().json("bench", "resize");
        assertEquals(3, rows.size());
        for (int i = 0; i < rows.size(); i++) {
            JsonNode row = rows.get(i);
            assertEquals(2 + i, row.get("scale").asInt());
            assertTrue(row.get("megapixelsPerSecond").asDouble() > 0, row::toString);
            assertTrue(row.get("opencvMegapixelsPerSecond").asDouble() > 0, row::toString);
        }
    }
}
