package io.udc.format;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.WeightedNode;
import io.udc.files.WholeFile;
import io.udc.integer.Quantization;
import io.udc.json.Json;
import io.udc.npu.EncodedLayer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes .udc files: safetensors files with one U8 tensor for each weighted node, named as the node,
 * that holds the node's encoded tensor. The metadata, all texts:
 *
 * <ul>
 *   <li>{@code format}: always {@code udc};
 *   <li>{@code formatVersion}: {@value #VERSION};
 *   <li>{@code toolVersion}, {@code task}, {@code npu};
 *   <li>{@code classNames}: JSON list of texts;
 *   <li>{@code architecture}: the content of architecture.json;
 *   <li>{@code quantization}: JSON object, name of the picture or of a node to {@code scale} and {@code zeroPoint};
 *   <li>{@code encoding}: JSON object, node to {@code ofmBlockDepth} and {@code depthSlices};
 *   <li>{@code sha256}: digest of the payload, in hexadecimal digits;
 *   <li>{@code metadataSha256}: digest of all other metadata: for each key in order of its UTF-16 code units, the
 *       key, a line feed, the value and a line feed, in UTF-8.
 * </ul>
 */
public final class UdcFile {

    /** The version that is written, and the only one that is read. */
    public static final String VERSION = "1";

    /** Bytes of the length before the metadata; the last of them is 0 in any file that fits a disk. */
    private static final int LENGTH_BYTES = 8;

    private static final String DIGEST = "sha256";
    private static final String METADATA_DIGEST = "metadataSha256";

    /** How one layer was encoded. */
    private record LayerEncoding(int ofmBlockDepth, List<Integer> depthSlices) {}

    private UdcFile() {}

    /**
     * Writes a model atomically.
     *
     * @throws InputException if the folder refuses
     * @throws io.udc.OutputException if the disk is full or fails
     */
    public static void write(Path file, UdcModel model) {
        content(model).write(file);
    }

    /** The bytes that {@link #write} writes. */
    public static byte[] bytes(UdcModel model) {
        return content(model).bytes();
    }

    /** The file's content. */
    static Safetensors content(UdcModel model) {
        Map<String, StoredTensor> tensors = new TreeMap<>();
        Map<String, LayerEncoding> encoding = new LinkedHashMap<>();
        for (EncodedLayer layer : model.layers()) {
            tensors.put(layer.node(), StoredTensor.ofBytes(layer.tensor()));
            encoding.put(layer.node(), new LayerEncoding(layer.ofmBlockDepth(), layer.depthSlices()));
        }
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", "udc");
        metadata.put("formatVersion", VERSION);
        metadata.put("toolVersion", model.toolVersion());
        metadata.put("task", model.task());
        metadata.put("npu", model.npu());
        metadata.put("classNames", Json.line(model.classNames()));
        metadata.put("architecture", Json.line(model.architecture()));
        metadata.put("quantization", Json.line(model.quantization()));
        metadata.put("encoding", Json.line(encoding));
        metadata.put(DIGEST, Digest.of(new Safetensors(Map.of(), tensors).payload()));
        metadata.put(METADATA_DIGEST, Digest.of(metadata));
        return new Safetensors(metadata, tensors);
    }

    /**
     * Reads a model.
     *
     * @throws InputException if the file is not there, damaged, of another version or not a model
     */
    public static UdcModel read(Path file) {
        byte[] content = WholeFile.read(file);
        if (!isUdc(content)) {
            throw new InputException(file + ": not a .udc file");
        }
        return parse(Safetensors.parse(content, file.toString()), file.toString());
    }

    /** Whether content begins as a .udc file does, with the length of a JSON object and the object, whole or not. */
    public static boolean isUdc(byte[] content) {
        return content.length > LENGTH_BYTES && content[LENGTH_BYTES - 1] == 0 && content[LENGTH_BYTES] == '{';
    }

    static UdcModel parse(Safetensors content, String source) {
        Map<String, String> metadata = content.metadata();
        expect(metadata, "format", "udc", source);
        expect(metadata, "formatVersion", VERSION, source);
        expect(metadata, DIGEST, Digest.of(content.payload()), source);
        Map<String, String> others = new TreeMap<>(metadata);
        others.remove(METADATA_DIGEST);
        expect(metadata, METADATA_DIGEST, Digest.of(others), source);
        Architecture architecture = Json.parse(
                text(metadata, "architecture", source), Architecture.class, source + ": architecture");
        Map<String, Quantization> quantization =
                map(metadata, "quantization", new TypeReference<Map<String, Quantization>>() {}, source);
        Map<String, LayerEncoding> encoding =
                map(metadata, "encoding", new TypeReference<Map<String, LayerEncoding>>() {}, source);
        try {
            return new UdcModel(
                    text(metadata, "toolVersion", source),
                    text(metadata, "task", source),
                    List.of(Json.parse(text(metadata, "classNames", source), String[].class, source + ": classNames")),
                    architecture,
                    quantization,
                    text(metadata, "npu", source),
                    layers(architecture, encoding, content, source));
        } catch (IllegalArgumentException e) {
            throw new InputException(source + ": " + e.getMessage(), e);
        }
    }

    private static List<EncodedLayer> layers(
            Architecture architecture, Map<String, LayerEncoding> encoding, Safetensors content, String source) {
        List<EncodedLayer> layers = new ArrayList<>();
        for (WeightedNode node : architecture.weightedNodes()) {
            StoredTensor tensor = content.tensors().get(node.name());
            LayerEncoding how = encoding.get(node.name());
            if (tensor == null || tensor.type() != ElementType.U8 || how == null) {
                throw new InputException(source + ": tensor '" + node.name() + "': found "
                        + (tensor == null || how == null ? "none" : tensor.type()) + ", expected U8 bytes");
            }
            layers.add(new EncodedLayer(node.name(), how.ofmBlockDepth(), how.depthSlices(), tensor.toBytes()));
        }
        if (content.tensors().size() != layers.size()) {
            throw new InputException(source + ": tensors: found " + content.tensors().keySet()
                    + ", expected one for each weighted node of the architecture");
        }
        return layers;
    }

    private static <T> Map<String, T> map(
            Map<String, String> metadata, String key, TypeReference<Map<String, T>> type, String source) {
        // via a tree, so that messages name the field as everywhere else
        JsonNode tree = Json.parse(text(metadata, key, source), JsonNode.class, source + ": " + key);
        ObjectMapper mapper = Json.mapper();
        try {
            Map<String, T> values = mapper.convertValue(tree, type);
            if (values == null || values.containsValue(null)) {
                throw new InputException(source + ": " + key + ": found null, expected an object");
            }
            return values;
        } catch (IllegalArgumentException e) {
            throw new InputException(source + ": " + key + ": " + e.getMessage().lines().findFirst().orElse(""), e);
        }
    }

    private static String text(Map<String, String> metadata, String key, String source) {
        String value = metadata.get(key);
        if (value == null) {
            throw new InputException(source + ": metadata '" + key + "': missing, so this is not a .udc file");
        }
        return value;
    }

    private static void expect(Map<String, String> metadata, String key, String expected, String source) {
        String found = text(metadata, key, source);
        if (!found.equals(expected)) {
            throw new InputException(source + ": metadata '" + key + "': found " + found + ", expected " + expected);
        }
    }
}
