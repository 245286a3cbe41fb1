package io.udc.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.udc.InputException;
import io.udc.json.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON header of a safetensors file: parsing with every offset checked, and writing. */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> entries, int payloadStart) {

    private static final String METADATA = "__metadata__";

    /** Where one tensor lies; offsets count from the start of the payload. */
    record Entry(ElementType type, List<Long> shape, long begin, long end) {}

    static SafetensorsHeader parse(byte[] file, String source) {
        int length = headerLength(file, source);
        JsonNode root = json(file, length, source);
        if (!root.isObject()) {
            throw new InputException(source + ": header: found " + root.getNodeType() + ", expected an object");
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> entries = new LinkedHashMap<>();
        root.fields().forEachRemaining(field -> {
            if (field.getKey().equals(METADATA)) {
                readMetadata(field.getValue(), metadata, source);
            } else {
                entries.put(field.getKey(), entry(field.getValue(), source + ": tensor '" + field.getKey() + "'"));
            }
        });
        checkLayout(entries, file.length - 8L - length, source);
        return new SafetensorsHeader(metadata, entries, 8 + length);
    }

    Safetensors content(byte[] file) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            int begin = payloadStart + Math.toIntExact(entry.begin());
            int size = Math.toIntExact(entry.end() - entry.begin());
            tensors.put(name, new StoredTensor(entry.type(), entry.shape(), ByteBuffer.wrap(file, begin, size)));
        });
        return new Safetensors(metadata, tensors);
    }

    /** The header that the writer gives this content, padded. */
    static String text(Safetensors content) {
        ObjectNode root = Json.mapper().createObjectNode();
        ObjectNode metadata = root.putObject(METADATA);
        content.metadata().forEach(metadata::put);
        long offset = 0;
        for (Map.Entry<String, StoredTensor> named : content.tensors().entrySet()) {
            StoredTensor tensor = named.getValue();
            long end = offset + tensor.bytes().remaining();
            ObjectNode entry = root.putObject(named.getKey());
            entry.put("dtype", tensor.type().name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        try {
            String text =
                    Json.mapper().writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root);
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            return text + " ".repeat((8 - bytes % 8) % 8);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("header not representable as JSON", e);
        }
    }

    private static int headerLength(byte[] file, String source) {
        if (file.length < 8) {
            throw new InputException(source + ": header length: found " + file.length + " bytes, expected at least 8");
        }
        long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        long most = Math.min(Safetensors.MAX_HEADER_BYTES, file.length - 8L);
        if (length < 2 || length > most) {
            throw new InputException(source + ": header length: found " + Long.toUnsignedString(length)
                    + ", expected 2 to " + most);
        }
        return (int) length;
    }

    private static JsonNode json(byte[] file, int length, String source) {
        CharBuffer text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file, 8, length));
        } catch (CharacterCodingException e) {
            throw new InputException(source + ": header: not UTF-8 text", e);
        }
        return Json.parse(text.toString(), JsonNode.class, source + ": header");
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata, String source) {
        if (!node.isObject()) {
            throw new InputException(source + ": " + METADATA + ": expected an object of texts");
        }
        node.fields().forEachRemaining(field -> {
            if (!field.getValue().isTextual()) {
                throw new InputException(source + ": " + METADATA + "." + field.getKey() + ": found "
                        + field.getValue() + ", expected a text");
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        });
    }

    private static Entry entry(JsonNode node, String place) {
        if (!node.isObject() || node.size() != 3) {
            throw new InputException(place + ": expected an object with dtype, shape and data_offsets");
        }
        JsonNode name = node.path("dtype");
        ElementType type = null;
        for (ElementType known : ElementType.values()) {
            if (name.isTextual() && known.name().equals(name.textValue())) {
                type = known;
            }
        }
        if (type == null) {
            throw new InputException(place + ": dtype: found " + name + ", expected one of "
                    + java.util.Arrays.toString(ElementType.values()));
        }
        List<Long> shape = naturals(node.path("shape"), place + ": shape");
        List<Long> offsets = naturals(node.path("data_offsets"), place + ": data_offsets");
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw new InputException(place + ": data_offsets: found " + offsets + ", expected begin and end");
        }
        long bytes = offsets.get(1) - offsets.get(0);
        if (bytes != byteCount(type, shape, place)) {
            throw new InputException(place + ": data_offsets: found " + bytes + " bytes, expected "
                    + byteCount(type, shape, place) + " for " + type + " " + shape);
        }
        return new Entry(type, shape, offsets.get(0), offsets.get(1));
    }

    private static long byteCount(ElementType type, List<Long> shape, String place) {
        try {
            return StoredTensor.byteCount(type, shape);
        } catch (ArithmeticException e) {
            throw new InputException(place + ": shape: found " + shape + ", expected fewer elements", e);
        }
    }

    private static List<Long> naturals(JsonNode node, String place) {
        if (!node.isArray() || node.size() > 8) {
            throw new InputException(place + ": found " + node + ", expected a list of at most 8 numbers");
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw new InputException(place + ": found " + value + ", expected a whole number from 0");
            }
            values.add(value.longValue());
        }
        return values;
    }

    /** The tensors must tile the payload: no gap, no overlap, no rest. */
    private static void checkLayout(Map<String, Entry> entries, long payloadBytes, String source) {
        List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
        ordered.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        long expected = 0;
        for (Map.Entry<String, Entry> named : ordered) {
            if (named.getValue().begin() != expected) {
                throw new InputException(source + ": tensor '" + named.getKey() + "': data_offsets: found begin "
                        + named.getValue().begin() + ", expected " + expected);
            }
            expected = named.getValue().end();
        }
        if (expected != payloadBytes) {
            throw new InputException(
                    source + ": payload: found " + payloadBytes + " bytes, expected " + expected);
        }
    }
}
