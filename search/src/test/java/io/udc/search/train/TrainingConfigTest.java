package io.udc.search.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.json.Json;
import org.junit.jupiter.api.Test;

class TrainingConfigTest {

    private final String text = Json.text(TrainingConfig.defaults());

    @Test
    void theDefaultsComeBackFromJson() {
        assertEquals(TrainingConfig.defaults(), Json.parse(text, TrainingConfig.class, "t.json"));
    }

    @Test
    void errorsNameTheField() {
        refuse("\"batchSize\" : 128", "\"batchSize\" : 0", "batchSize: found 0, expected 1 to 65536");
        refuse("\"momentum\" : 0.9", "\"momentum\" : 1", "momentum: found 1, expected 0 to below 1");
        refuse("\"epochs\" : 8", "\"epochs\" : -1", "quantization: epochs: found -1, expected 0 to 10000");
        refuse("\"cutout\" : 0", "\"cutout\" : 0, \"cutoff\" : 1", "unknown key 'cutoff'");
        refuse("\"adamw\"", "\"adam\"", "optimizer: found 'adam', expected one of");
        refuse("\"nesterov\" : true,", "", "nesterov");
        refuse("\"linearExpansion\" : 0", "\"linearExpansion\" : 1025",
                "linearExpansion: found 1025, expected 0 to 1024");
        refuse("\"dampening\" : 0.0", "\"dampening\" : -1.0", "dampening: found -1, expected 0 to 100");
        refuse("\"pruningShare\" : 0.6", "\"pruningShare\" : 0", "pruningShare: found 0, expected above 0");
    }

    private void refuse(String good, String bad, String expected) {
        InputException e = assertThrows(InputException.class, () ->
                Json.parse(text.replace(good, bad), TrainingConfig.class, "t.json"));
        assertTrue(e.getMessage().startsWith("t.json: ") && e.getMessage().contains(expected), e.getMessage());
    }
}
