package io.udc.search.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.search.bench.CodecTiming;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodecTableTest {

    @Test
    void sizesAndSpeedsStandBesideVelas() {
        CodecTiming dense = new CodecTiming("dense", 1000, 7.5, 960, 944, null, 100, 14, 900, 300, 5.0, 45.0);
        CodecTiming vector = new CodecTiming("vector", 1000, 7.5, 960, 900, 1000L, 100, 14, 900, 300, null, null);
        CodecTiming small = new CodecTiming("small", 4, 2, 16, 16, 32L, 9, 1, 10, 20, null, null);
        assertEquals(0.9, vector.bestOverVela());
        String text = new CodecTable(List.of(dense, vector, small)).toString();
        assertTrue(text.contains("mean of best/Vela over 1 streams of 256 bytes and more: 0.9000"), text);
        assertTrue(text.matches("(?s).*\ndense +1,000 +100\\.0 +14\\.0 +900\\.0 +300\\.0 +5\\.0 +45 +7\\.500 .*"), text);
    }
}
