package io.udc.search.train;

import io.udc.InputException;
import io.udc.arch.Architecture;
import io.udc.format.Safetensors;
import io.udc.format.StoredTensor;
import io.udc.json.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A training at the end of an epoch: everything that the rest of it depends on, in host memory. A training that is
 * resumed from it on the CPU ends with the same bytes as one that was never interrupted.
 */
public final class TrainingState {

    private static final String TEACHER = "teacher/";

    /** What is not a tensor. */
    record Progress(
            String architecture,
            Stage stage,
            int epoch,
            int epochsDone,
            long optimizerSteps,
            long averageUpdates,
            boolean stepsKnown,
            Double floatMetric,
            Map<String, List<Double>> ranges) {}

    private final Progress progress;
    private final Map<String, StoredTensor> tensors;

    TrainingState(Progress progress, Map<String, StoredTensor> tensors) {
        this.progress = progress;
        this.tensors = tensors;
    }

    /** Writes one safetensors file, atomically. */
    public void write(Path file) {
        new Safetensors(Map.of("progress", Json.line(progress)), tensors).write(file);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InputException if it is damaged
     */
    public static TrainingState read(Path file) {
        Safetensors content = Safetensors.read(file);
        String text = content.metadata().get("progress");
        if (text == null) {
            throw new InputException(file + ": metadata 'progress': missing, so this is not a training's state");
        }
        return new TrainingState(Json.parse(text, Progress.class, file + ": progress"), content.tensors());
    }

    Progress progress() {
        return progress;
    }

    /** The float network that teaches; null if there is none. */
    NetworkParameters teacher(Architecture architecture) {
        Map<String, float[]> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(TEACHER)) {
                values.put(name.substring(TEACHER.length()), tensor.toFloats());
            }
        });
        return values.isEmpty() ? null : NetworkParameters.of(architecture, values);
    }

    /** Copies a stored tensor to where it was. */
    void restore(String name, Tensor target) {
        StoredTensor stored = tensors.get(name);
        if (stored == null || stored.bytes().remaining() != target.nbytes()) {
            throw new InputException("checkpoint: tensor '" + name + "': found "
                    + (stored == null ? "none" : stored.bytes().remaining() + " bytes") + ", expected "
                    + target.nbytes() + " bytes");
        }
        switch (stored.type()) {
            case F32 -> ParameterStore.write(target, stored.toFloats());
            default -> ParameterStore.write(target, stored.toBytes());
        }
    }

    /** Collects tensors. */
    static final class Tensors {

        private final Map<String, StoredTensor> all = new LinkedHashMap<>();

        void floats(String name, Tensor tensor) {
            float[] values = ParameterStore.read(tensor);
            all.put(name, StoredTensor.ofFloats(values, values.length));
        }

        void bytes(String name, Tensor tensor) {
            all.put(name, StoredTensor.ofBytes(ParameterStore.readBytes(tensor)));
        }

        void teacher(NetworkParameters parameters) {
            parameters.values().forEach((name, values) ->
                    all.put(TEACHER + name, StoredTensor.ofFloats(values, values.length)));
        }

        Map<String, StoredTensor> all() {
            return all;
        }
    }
}
