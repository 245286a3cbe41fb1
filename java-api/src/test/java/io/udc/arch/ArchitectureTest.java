package io.udc.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchitectureTest {

    private static final String NETWORK = Json.line(new Architecture("net", new Shape(3, 8, 8), List.of(
            new Convolution("a", Architecture.INPUT, 4, 3, 1, Activation.RELU, new Compression(4, 0.5)),
            new Add("sum", "a", "a", Activation.RELU))));

    @Test
    void aNetworkSurvivesTheWayThroughJson() {
        assertEquals(NETWORK, Json.line(Json.parse(NETWORK, Architecture.class, "net.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"compression\":\\{[^}]*\\}", "\"activation\":\"relu\"", "\"name\":\"net\"", "\"name\":\"a\"",
        "\"input\":\\{[^}]*\\}", "\"nodes\":\\[.*\\]"})
    void aNullIsNamedWithItsField(String value) {
        String field = value.substring(1, value.indexOf('"', 1));
        String text = NETWORK.replaceFirst(value, "\"" + field + "\":null");
        assertTrue(!text.equals(NETWORK), text);
        String message = assertThrows(
                InputException.class, () -> Json.parse(text, Architecture.class, "net.json")).getMessage();
        assertTrue(message.contains("." + field + ": found null, expected a value"), message);
        assertEquals(1, message.lines().count(), message);
    }
}
