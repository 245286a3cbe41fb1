package io.udc.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.udc.InputException;
import io.udc.arch.Activation;
import io.udc.arch.Node;
import io.udc.units.ByteSize;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {

    /** A field of each kind. */
    private record Everything(
            int count,
            double share,
            boolean on,
            String name,
            ByteSize size,
            Activation activation,
            List<Everything> parts,
            Map<String, Integer> sums,
            Node node) {}

    @Test
    void aValueOfAnotherKindIsToldInJsonsTerms() {
        assertError("count: found 'x', expected a whole number", "{\"count\": \"x\"}");
        assertError("count: found 1.5, expected a whole number", "{\"count\": 1.5}");
        assertError("count: found a list, expected a whole number", "{\"count\": [1]}");
        assertError("count: found null, expected a whole number", "{\"count\": null}");
        assertError("count: found 99999999999, expected a whole number in range", "{\"count\": 99999999999}");
        assertError("share: found an object, expected a number", "{\"share\": {}}");
        assertError("on: found 'maybe', expected true or false", "{\"on\": \"maybe\"}");
        assertError("name: found a list, expected a text", "{\"name\": []}");
        assertError("size: found an object, expected a text", "{\"size\": {\"bytes\": 3}}");
        assertError("parts: found 3, expected a list", "{\"parts\": 3}");
        assertError("parts[0]: found 3, expected an object", "{\"parts\": [3]}");
        assertError("sums: found true, expected an object", "{\"sums\": true}");
        assertError("sums.a: found 'b', expected a whole number", "{\"sums\": {\"a\": \"b\"}}");
        assertError("found a list, expected an object", "[]");
    }

    @Test
    void aNodeOfAnUnknownKindIsToldTheKinds() {
        assertError("node: op: missing", "{\"node\": {}}");
        assertError("node: found 'lstm', expected one of [add, conv, dense, depthToSpace, depthwise, globalAveragePool]",
                "{\"node\": {\"op\": \"lstm\"}}");
    }

    @Test
    void whatIsNoJsonValueIsToldSo() {
        assertError("is empty, expected JSON", " \n");
        assertError("count: missing", "{}");
        assertEquals("x: found more behind the JSON value, expected one value", assertThrows(
                InputException.class, () -> Json.parse("[] []", List.class, "x")).getMessage());
        String message = assertThrows(InputException.class, () -> Json.parse("{", List.class, "x")).getMessage();
        assertEquals("x: not valid JSON at line 1, column ", message.substring(0, 36));
    }

    private static void assertError(String expected, String text) {
        InputException e = assertThrows(InputException.class, () -> Json.parse(text, Everything.class, "x"));
        assertEquals("x: " + expected, e.getMessage());
    }
}
