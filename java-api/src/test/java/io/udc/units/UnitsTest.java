package io.udc.units;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.json.Json;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    private record Holder(ByteSize size, TimeSpan time) {}

    @ParameterizedTest
    @CsvSource({"64KiB,65536", "64kib,65536", "1MiB,1048576", "1.5KiB,1536", "8KB,8000", "2MB,2000000",
            "17B,17", "17,17", "0B,0"})
    void readsSizes(String text, long bytes) {
        assertEquals(bytes, ByteSize.parse(text).bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "KiB", "-1B", "64GiB", "1.5B", "1e3", "64 K iB", "99999999999999999999B"})
    void refusesOtherSizes(String text) {
        String message = assertThrows(InputException.class, () -> ByteSize.parse(text)).getMessage();
        assertTrue(message.contains("found '" + text + "', expected "), message);
    }

    @ParameterizedTest
    @CsvSource({"5ms,0.005", "250us,0.00025", "1.5s,1.5", "0s,0"})
    void readsTimes(String text, double seconds) {
        assertEquals(seconds, TimeSpan.parse(text).seconds());
        assertEquals(text, TimeSpan.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5m", "-5ms", "ms", "5 min"})
    void refusesOtherTimes(String text) {
        assertThrows(InputException.class, () -> TimeSpan.parse(text));
    }

    @Test
    void textReadsBackExactly() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            ByteSize size = new ByteSize(random.nextLong() >>> (1 + random.nextInt(62)));
            assertEquals(size, ByteSize.parse(size.toString()));
            TimeSpan time = new TimeSpan(random.nextDouble() * Math.pow(10, random.nextInt(12) - 8));
            assertEquals(time, TimeSpan.parse(time.toString()));
        }
    }

    @Test
    void jsonTakesNumbersAndTexts() {
        Holder holder = new Holder(new ByteSize(65536), new TimeSpan(0.005));
        assertEquals(holder, Json.parse(Json.text(holder), Holder.class, "test"));
        assertEquals(holder, Json.parse("{\"size\": 65536, \"time\": \"5ms\"}", Holder.class, "test"));
    }

    @Test
    void jsonErrorsNameTheField() {
        String message = assertThrows(
                        InputException.class,
                        () -> Json.parse("{\"size\": \"64GiB\", \"time\": null}", Holder.class, "a.json"))
                .getMessage();
        assertTrue(message.startsWith("a.json: size: found '64GiB', expected a size such as"), message);
    }

    @Test
    void displaysForPeople() {
        assertEquals("63.94 KiB", ByteSize.display(65475));
        assertEquals("512 B", ByteSize.display(512));
        assertEquals("1.50 MiB", ByteSize.display(1.5 * 1024 * 1024));
        assertEquals("3m07s", TimeSpan.display(187));
        assertEquals("1h02m", TimeSpan.display(3725));
        assertEquals("?", TimeSpan.display(Double.NaN));
    }
}
