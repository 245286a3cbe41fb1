package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.arch.Dense;
import io.udc.arch.WeightShape;
import io.udc.arch.WeightedNode;
import io.udc.format.Safetensors;
import io.udc.format.StoredTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * The real-valued parameters of a network by name, in host memory. Each weighted node has
 *
 * <ul>
 *   <li>{@code <node>.weight}, row-major [outChannels, inChannels, kernelHeight, kernelWidth];
 *   <li>{@code <node>.gamma} and {@code <node>.beta} [outChannels]: gain and bias of its batch norm, or of the
 *       layer itself where it is dense;
 *   <li>unless dense, {@code <node>.mean} and {@code <node>.variance} [outChannels]: the batch norm's statistics;
 *   <li>if they were trained, {@code <node>.step} [outChannels]: the weights' quantization steps.
 * </ul>
 *
 * and any node, and the picture, may have {@code <node>.range} [2]: least and greatest value of its output, from
 * which its int8 quantization follows.
 *
 * <p>The scale of a weighted node's weights means nothing where a batch norm follows; training keeps it at a root
 * mean square of 1 for each output channel. The arrays are not copied.
 */
public final class NetworkParameters {

    private static final Set<String> KINDS = Set.of("weight", "gamma", "beta", "mean", "variance", "step", "range");

    private final Map<String, float[]> values;

    private NetworkParameters(Map<String, float[]> values) {
        this.values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /**
     * Takes parameters for an architecture.
     *
     * @throws IllegalArgumentException if one is missing, unknown or of another size
     */
    public static NetworkParameters of(Architecture architecture, Map<String, float[]> values) {
        for (WeightedNode node : architecture.weightedNodes()) {
            WeightShape shape = architecture.weightShape(node);
            expect(values, node.name() + ".weight", shape.count());
            expect(values, node.name() + ".gamma", shape.outChannels());
            expect(values, node.name() + ".beta", shape.outChannels());
            if (!(node instanceof Dense)) {
                expect(values, node.name() + ".mean", shape.outChannels());
                expect(values, node.name() + ".variance", shape.outChannels());
            }
            if (values.containsKey(node.name() + ".step")) {
                expect(values, node.name() + ".step", shape.outChannels());
            }
        }
        Set<String> nodes = architecture.shapes().keySet();
        for (String name : values.keySet()) {
            int dot = name.lastIndexOf('.');
            if (dot < 0 || !KINDS.contains(name.substring(dot + 1)) || !nodes.contains(name.substring(0, dot))) {
                throw new IllegalArgumentException(name + ": not a parameter of '" + architecture.name() + "'");
            }
            if (name.endsWith(".range")) {
                expect(values, name, 2);
            }
        }
        return new NetworkParameters(values);
    }

    /** Weights drawn from a normal distribution, gains of 1 (dense: 1/sqrt(inputs)), biases of 0. */
    public static NetworkParameters random(Architecture architecture, long seed) {
        Random random = new Random(seed);
        Map<String, float[]> values = new LinkedHashMap<>();
        for (WeightedNode node : architecture.weightedNodes()) {
            WeightShape shape = architecture.weightShape(node);
            float[] weights = new float[Math.toIntExact(shape.count())];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (float) random.nextGaussian();
            }
            boolean dense = node instanceof Dense;
            values.put(node.name() + ".weight", weights);
            values.put(
                    node.name() + ".gamma",
                    filled(shape, dense ? (float) (1 / Math.sqrt(shape.perChannel())) : 1));
            values.put(node.name() + ".beta", filled(shape, 0));
            if (!dense) {
                values.put(node.name() + ".mean", filled(shape, 0));
                values.put(node.name() + ".variance", filled(shape, 1));
            }
        }
        return of(architecture, values);
    }

    /**
     * Reads parameters that {@link #write} wrote.
     *
     * @throws InputException if the file is damaged or belongs to another architecture
     */
    public static NetworkParameters read(Path file, Architecture architecture) {
        Map<String, float[]> values = new LinkedHashMap<>();
        Safetensors.read(file).tensors().forEach((name, tensor) -> values.put(name, tensor.toFloats()));
        try {
            return of(architecture, values);
        } catch (IllegalArgumentException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    /** Writes a safetensors file, atomically. */
    public void write(Path file) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        values.forEach((name, array) -> tensors.put(name, StoredTensor.ofFloats(array, array.length)));
        new Safetensors(Map.of(), tensors).write(file);
    }

    /** The values of a parameter, or null if it has none. */
    public float[] get(String name) {
        return values.get(name);
    }

    /** All parameters by name, in order of name. */
    public Map<String, float[]> values() {
        return values;
    }

    private static float[] filled(WeightShape shape, float value) {
        float[] array = new float[shape.outChannels()];
        Arrays.fill(array, value);
        return array;
    }

    private static void expect(Map<String, float[]> values, String name, long count) {
        float[] array = values.get(name);
        if (array == null || array.length != count) {
            throw new IllegalArgumentException(name + ": found "
                    + (array == null ? "none" : array.length + " values") + ", expected " + count + " values");
        }
    }
}
