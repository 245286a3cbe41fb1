package io.udc.search;

import io.udc.arch.Architecture;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.json.Json;
import io.udc.search.run.Checkpoints;
import io.udc.search.run.Result.SearchedBytes;
import io.udc.search.supernet.SearchSnapshot;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a run has come: the search's last epoch, or the network that it found with the networks that are trained,
 * and the training under way. Every change is saved as a checkpoint. Not thread-safe.
 */
final class RunState {

    /** A network that is trained and encoded. */
    record Finished(String name, double fakeQuantizedMetric, double integerMetric) {}

    /** What is not a file of its own. */
    record Summary(
            boolean found, SearchedBytes searchedBytes, List<Finished> finished, String training, double seconds) {}

    private static final String FOUND = "found.safetensors";

    /** In the place of {@link #FOUND} when the found network has been trained in float. */
    private static final String FLOAT_TRAINED = "float.safetensors";

    private final Checkpoints checkpoints;
    private final long startNanos = System.nanoTime();
    private double secondsBefore;
    private SearchSnapshot search;
    private Architecture architecture;
    private NetworkParameters parameters;
    private SearchedBytes searchedBytes;
    private boolean floatTrained;
    private final List<Finished> finished = new ArrayList<>();
    private final List<UdcModel> models = new ArrayList<>();
    private String trainingName;
    private TrainingState training;

    RunState(Checkpoints checkpoints) {
        this.checkpoints = checkpoints;
    }

    /** Takes over the newest checkpoint, if there is one. */
    void restore(SearchListener listener) {
        checkpoints.restore(this::read, listener);
    }

    private Summary read(Path folder) throws IOException {
        Summary summary = Json.read(folder.resolve("summary.json"), Summary.class);
        SearchSnapshot readSearch = summary.found() ? null : SearchSnapshot.read(folder.resolve("search.safetensors"));
        Architecture readArchitecture =
                summary.found() ? Json.read(folder.resolve("architecture.json"), Architecture.class) : null;
        boolean readFloatTrained = Files.exists(folder.resolve(FLOAT_TRAINED));
        NetworkParameters readParameters = summary.found()
                ? NetworkParameters.read(folder.resolve(readFloatTrained ? FLOAT_TRAINED : FOUND), readArchitecture)
                : null;
        List<UdcModel> readModels = new ArrayList<>();
        for (int i = 0; i < summary.finished().size(); i++) {
            readModels.add(UdcFile.read(folder.resolve("network-" + i + ".udc")));
        }
        TrainingState readTraining = summary.training() == null
                ? null
                : TrainingState.read(folder.resolve("training.safetensors"));
        // Nothing is taken over from a checkpoint that turns out to be unreadable half way.
        search = readSearch;
        architecture = readArchitecture;
        parameters = readParameters;
        searchedBytes = summary.searchedBytes();
        floatTrained = readFloatTrained;
        finished.clear();
        finished.addAll(summary.finished());
        models.clear();
        models.addAll(readModels);
        trainingName = summary.training();
        training = readTraining;
        secondsBefore = summary.seconds();
        return summary;
    }

    private void save() {
        checkpoints.save(folder -> {
            boolean found = architecture != null;
            Files.writeString(
                    folder.resolve("summary.json"),
                    Json.text(new Summary(found, searchedBytes, List.copyOf(finished), trainingName, seconds())));
            if (found) {
                Files.writeString(folder.resolve("architecture.json"), Json.text(architecture));
                parameters.write(folder.resolve(floatTrained ? FLOAT_TRAINED : FOUND));
            } else {
                search.write(folder.resolve("search.safetensors"));
            }
            for (int i = 0; i < models.size(); i++) {
                UdcFile.write(folder.resolve("network-" + i + ".udc"), models.get(i));
            }
            if (training != null) {
                training.write(folder.resolve("training.safetensors"));
            }
        });
    }

    /** The search's state, or null if it has not completed an epoch or is over. */
    SearchSnapshot search() {
        return search;
    }

    void saveSearch(SearchSnapshot snapshot) {
        search = snapshot;
        save();
    }

    /** The network that was found, or null while the search goes on. */
    Architecture architecture() {
        return architecture;
    }

    /** The parameters from which the found network's training starts or, in float, has come to. */
    NetworkParameters parameters() {
        return parameters;
    }

    /** What the search ended with; null before its end. */
    SearchedBytes searchedBytes() {
        return searchedBytes;
    }

    void saveFound(Architecture found, NetworkParameters start, SearchedBytes bytes) {
        searchedBytes = bytes;
        architecture = found;
        parameters = start;
        search = null;
        save();
    }

    /** Whether {@link #parameters} are those of the found network trained in float. */
    boolean isFloatTrained() {
        return floatTrained;
    }

    void saveFloatTrained(Architecture refitted, NetworkParameters trained) {
        architecture = refitted;
        parameters = trained;
        floatTrained = true;
        trainingName = null;
        training = null;
        save();
    }

    /** The state of a training that was interrupted, or null. */
    TrainingState training(String name) {
        return name.equals(trainingName) ? training : null;
    }

    void saveTraining(String name, TrainingState state) {
        trainingName = name;
        training = state;
        save();
    }

    /** Position of a network among those that are finished, or -1. */
    int indexOf(String name) {
        for (int i = 0; i < finished.size(); i++) {
            if (finished.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    Finished finished(int index) {
        return finished.get(index);
    }

    UdcModel model(int index) {
        return models.get(index);
    }

    void saveFinished(Finished network, UdcModel model) {
        finished.add(network);
        models.add(model);
        trainingName = null;
        training = null;
        save();
    }

    /** Wall time of the run over all its resumptions. */
    double seconds() {
        return secondsBefore + (System.nanoTime() - startNanos) / 1e9;
    }
}
