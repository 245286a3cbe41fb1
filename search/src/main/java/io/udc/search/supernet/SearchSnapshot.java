package io.udc.search.supernet;

import io.udc.InputException;
import io.udc.format.Safetensors;
import io.udc.format.StoredTensor;
import io.udc.json.Json;
import io.udc.memory.NoGradient;
import io.udc.memory.StepScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.Tensor;

/**
 * A search at the end of an epoch: everything that the rest of it depends on. A search that is resumed from it on
 * the CPU ends with the same choices and weights as one that was never interrupted, because noise and calibration
 * start anew with every epoch.
 */
public final class SearchSnapshot {

    private static final String STATE = "state";

    /** What is not a tensor. */
    record State(
            int epoch,
            long steps,
            double seconds,
            List<Long> optimizerSteps,
            List<Double> budgetMultipliers,
            List<Double> entropyMultipliers) {}

    private final State state;
    private final Map<String, StoredTensor> tensors;

    SearchSnapshot(State state, Map<String, StoredTensor> tensors) {
        this.state = state;
        this.tensors = tensors;
    }

    /** Writes one safetensors file. */
    public void write(Path file) {
        new Safetensors(Map.of(STATE, Json.line(state)), tensors).write(file);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InputException if it is damaged
     */
    public static SearchSnapshot read(Path file) {
        Safetensors content = Safetensors.read(file);
        String text = content.metadata().get(STATE);
        if (text == null) {
            throw new InputException(file + ": metadata '" + STATE + "' is missing: not the state of a search");
        }
        return new SearchSnapshot(Json.parse(text, State.class, file + ": " + STATE), content.tensors());
    }

    State state() {
        return state;
    }

    /** Copies tensors to the host, by name. */
    static Map<String, StoredTensor> store(Map<String, Tensor> tensors) {
        Map<String, StoredTensor> stored = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            float[] values = new float[Math.toIntExact(tensor.numel())];
            try (StepScope scope = StepScope.open()) {
                new FloatPointer(tensor.detach().cpu().contiguous().data_ptr()).get(values);
            }
            stored.put(name, StoredTensor.ofFloats(values, values.length));
        });
        return stored;
    }

    /** Copies the stored tensors back to where they were. */
    void restore(Map<String, Tensor> targets) {
        try (StepScope scope = StepScope.open();
                NoGradient off = NoGradient.open()) {
            targets.forEach((name, target) -> {
                StoredTensor stored = tensors.get(name);
                if (stored == null || stored.bytes().remaining() != target.nbytes()) {
                    throw new InputException("checkpoint: tensor '" + name + "' does not fit this search");
                }
                target.copy_(Tensor.create(stored.toFloats(), target.shape()));
            });
        }
    }
}
